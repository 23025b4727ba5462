/**
 * Turns a submission into plain JavaScript, once, so that starting its server costs what starting Node costs.
 *
 * Every file keeps its place and its name (`level1/server.ts` becomes `level1/server.js`), so that a probe finds its
 * module, and a `Worker` the file that it starts from. Only `main.js` holds everything that it imports: a server that
 * is read from one file starts in two thirds of the time, and a run starts hundreds. The options are ours: a
 * tsconfig.json or a package.json of the submission is never read.
 */
import * as esbuild from 'esbuild'
import { cp, mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { builtinModules, createRequire } from 'node:module'
import path from 'node:path'
import type { Level } from '../levels/register.ts'
import { SubmissionFault } from './faults.ts'
import type { Intake } from './intake.ts'
import type { SandboxName } from './sandbox/sandbox.ts'

/** A submission that can be started. */
export interface Build {
  /** Holds `level1/main.js`, … */
  readonly folder: string
  readonly level: number
  /** The server may start threads. */
  readonly workers: boolean
  /** What it runs in, whoever starts something of it. */
  readonly sandbox: SandboxName
}

export interface BuildOptions {
  /** [default] */
  readonly sandbox?: SandboxName
  /** Lets the submission import what its level forbids: for the checks, and for what is ours. */
  readonly allowAnyImport?: boolean
  /** Texts that stand for those of the files with these names. */
  readonly edited?: ReadonlyMap<string, string>
}

/**
 * Builds what was taken in.
 *
 * @throws {SubmissionFault} `SYNTAX_ERROR`, `FORBIDDEN_IMPORT`, `IMPORT_OUTSIDE`, `IMPORT_MISSING`
 */
export async function build(
  intake: Intake,
  level: Level,
  into: string,
  options: BuildOptions = {},
): Promise<Build> {
  await mkdir(into, { recursive: true })
  await writeFile(path.join(into, 'package.json'), '{"type":"module"}\n')
  for (const name of level.packages) await copyPackage(name, into)
  await copyPublicFolder(level, into)
  const main = path.join(intake.folder, `level${level.number}`, 'main.ts')
  const shape = {
    outbase: intake.folder,
    outdir: into,
    absWorkingDir: intake.folder,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    sourcemap: 'inline',
    sourcesContent: false,
    tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
    logLevel: 'silent',
  } as const satisfies esbuild.BuildOptions
  try {
    await esbuild.build({
      ...shape,
      entryPoints: intake.files.map((file) => path.join(intake.folder, file)),
      plugins: [imports(intake, level, options), sources(intake, options)],
    })
    if (!options.allowAnyImport) await refuseDetours(intake, level, into)
    await esbuild.build({
      ...shape,
      entryPoints: [main],
      banner: { js: META_OF },
      define: { 'import.meta': '__meta' },
      plugins: [together(), imports(intake, level, options), sources(intake, options, main)],
    })
  } catch (error) {
    throw firstFault(error)
  }
  const { sandbox = 'default' } = options
  return { folder: into, level: level.number, workers: level.workers, sandbox }
}

/** Checks every import, and leaves it an import: from `./x.ts` to `./x.js`. */
function imports(intake: Intake, level: Level, options: BuildOptions): esbuild.Plugin {
  const root = intake.folder
  const builtin = new Set(builtinModules)
  return {
    name: 'imports',
    setup(build) {
      build.onResolve({ filter: /.*/ }, async ({ path: specifier, importer, kind }) => {
        if (kind === 'entry-point') return null
        const where = path.relative(root, importer)
        if (/^\.\.?(\/|$)/.test(specifier)) {
          const target = path.resolve(path.dirname(importer), specifier)
          if (!target.startsWith(root + path.sep)) {
            return refusal(
              'IMPORT_OUTSIDE',
              `${where} imports "${specifier}", which lies outside the folder of the levels.`,
            )
          }
          if (!(await isFile(target))) {
            return refusal(
              'IMPORT_MISSING',
              `${where} imports "${specifier}", but there is no such file (imports name the file with its ending .ts).`,
            )
          }
          return { path: specifier.replace(/\.ts$/, '.js'), external: true }
        }
        const name = specifier.replace(/^node:/, '')
        const isBuiltin = specifier.startsWith('node:') || builtin.has(name.split('/')[0] ?? name)
        const reason = level.forbiddenImports[`node:${name}`]
        if (isBuiltin && reason !== undefined && !options.allowAnyImport) {
          return refusal('FORBIDDEN_IMPORT', `${where} imports "${specifier}": ${reason}.`)
        }
        if (isBuiltin || level.packages.includes(specifier) || options.allowAnyImport) {
          return { path: specifier, external: true }
        }
        return refusal(
          path.isAbsolute(specifier) ? 'IMPORT_OUTSIDE' : 'FORBIDDEN_IMPORT',
          `${where} imports "${specifier}", which level ${level.number} does without${allowed(level)}.`,
        )
      })
    },
  }
}

function refusal(
  code: 'FORBIDDEN_IMPORT' | 'IMPORT_OUTSIDE' | 'IMPORT_MISSING',
  text: string,
): esbuild.OnResolveResult {
  return { errors: [{ text, detail: code }] }
}

function allowed(level: Level): string {
  return level.packages.length === 0 ? '' : ` (it may import ${level.packages.join(', ')})`
}

/** Ways to a module that no import names. They are looked for in what esbuild wrote, where no comment can be meant. */
const DETOURS = [
  [/\bgetBuiltinModule\b/, 'process.getBuiltinModule'],
  [/\bprocess\.binding\b|\b_linkedBinding\b/, 'process.binding'],
  [/\bimport\((?!"[^"]*"\s*[,)])/, 'import() with a name that is computed'],
] as const

/** An import that is only made when it is needed: it names its module as any import does. */
const LATE_IMPORT = /\bprocess\.getBuiltinModule\("(?:node:)?([\w/]+)"\)/g

/** Says no to what would go around the list of imports. It finds who writes it down, not who hides it well. */
async function refuseDetours(intake: Intake, level: Level, into: string): Promise<void> {
  for (const file of intake.files) {
    const built = await readFile(path.join(into, file.replace(/\.ts$/, '.js')), 'utf8')
    const text = built.replace(LATE_IMPORT, (call, name: string) =>
      level.forbiddenImports[`node:${name}`] === undefined ? '' : call,
    )
    const [, detour] = DETOURS.find(([pattern]) => pattern.test(text)) ?? []
    if (detour === undefined) continue
    throw new SubmissionFault(
      'FORBIDDEN_IMPORT',
      `${file} uses ${detour}: name the module in an import, so that it shows what level ${level.number} is made of.`,
    )
  }
}

/** Follows the imports between a submission's files, once the first build has found nothing wrong with them. */
function together(): esbuild.Plugin {
  return {
    name: 'together',
    setup(build) {
      build.onResolve({ filter: /^\.\.?(\/|$)/ }, ({ path: specifier, importer }) => ({
        path: path.resolve(path.dirname(importer), specifier),
      }))
    },
  }
}

/** Makes the `import.meta` of a file that has become a part of `main.js`. Its one name is all it takes from a learner. */
const META_OF = `const __metaOf = (file) => {
  const path = process.getBuiltinModule('node:path')
  const filename = path.resolve(import.meta.dirname, file)
  const { href } = process.getBuiltinModule('node:url').pathToFileURL(filename)
  return { ...import.meta, url: href, filename, dirname: path.dirname(filename), main: file === 'main.js' }
}`

/**
 * The text of each file; `new URL('./worker.ts', import.meta.url)` starts `./worker.js`.
 *
 * @param main - the file whose build takes the others in; each of them still sees an `import.meta` of its own
 */
function sources(intake: Intake, { edited }: BuildOptions, main?: string): esbuild.Plugin {
  return {
    name: 'sources',
    setup(build) {
      build.onLoad({ filter: /\.ts$/ }, async ({ path: file }) => {
        const written =
          edited?.get(path.relative(intake.folder, file)) ?? (await readFile(file, 'utf8'))
        const text = written.replace(
          /(new URL\(\s*(['"])\.{1,2}\/[^'"\n]+)\.ts(\2\s*,\s*import\.meta\.url)/g,
          '$1.js$3',
        )
        if (main === undefined || !text.includes('import.meta'))
          return { loader: 'ts', contents: text }
        const place = path.relative(path.dirname(main), file).replace(/\.ts$/, '.js')
        // On the first line, so that every line keeps its number.
        return {
          loader: 'ts',
          contents: `const __meta = __metaOf(${JSON.stringify(place)});${text}`,
        }
      })
    },
  }
}

/** The first thing wrong, with its place in the learner's own file. */
function firstFault(error: unknown): unknown {
  const first = (error as Partial<esbuild.BuildFailure>).errors?.[0]
  if (first === undefined) return error
  const { location, text } = first
  const detail: unknown = first.detail
  const frame = location ? codeFrame(location) : ''
  if (typeof detail === 'string')
    return new SubmissionFault(detail as 'FORBIDDEN_IMPORT', text, frame)
  const place = location ? `${location.file}, line ${location.line}` : 'a source file'
  return new SubmissionFault('SYNTAX_ERROR', `${place}: ${text}.`, frame)
}

function codeFrame({ file, line, column, length, lineText }: esbuild.Location): string {
  const number = String(line)
  const before = Buffer.from(lineText, 'utf8').subarray(0, column).toString('utf8')
  const caret = before.replace(/[^\t]/g, ' ') + '^'.repeat(Math.max(1, Math.min(length, 60)))
  return `${file}:${line}:${column + 1}\n  ${number} | ${lineText.slice(0, 200)}\n  ${' '.repeat(number.length)} | ${caret}`
}

/** Puts a package, and what it needs, where the built files find it. */
async function copyPackage(name: string, into: string): Promise<void> {
  const require = createRequire(import.meta.url)
  const folder = path.dirname(require.resolve(`${name}/package.json`))
  const target = path.join(into, 'node_modules', name)
  if (await isFile(path.join(target, 'package.json'))) return
  await cp(folder, target, { recursive: true, dereference: true })
  const { dependencies = {} } = JSON.parse(
    await readFile(path.join(folder, 'package.json'), 'utf8'),
  ) as { dependencies?: Record<string, string> }
  for (const dependency of Object.keys(dependencies)) await copyPackage(dependency, into)
}

/** The files that a level serves by default are the course's own, never a submission's. */
async function copyPublicFolder({ number }: Level, into: string): Promise<void> {
  const folder = `level${number}/public`
  const ours = new URL(`../levels/${folder}/`, import.meta.url)
  const there = await stat(ours).catch(() => undefined)
  if (there?.isDirectory()) await cp(ours, path.join(into, folder), { recursive: true })
}

async function isFile(file: string): Promise<boolean> {
  return await stat(file).then(
    (status) => status.isFile(),
    () => false,
  )
}
