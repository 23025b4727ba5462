/**
 * An edited reference is a wrong server: the finished one, with one believable fault put in.
 *
 * A server that is right in everything else shows what a test finds, and nothing but that.
 */
import { link, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type Build } from '../../harness/build.ts'
import { takeIn } from '../../harness/intake.ts'
import { temporaryFolder } from '../../harness/reaper.ts'
import { levelNumbered, type Level } from '../../levels/register.ts'

/** One replacement in one file of the reference. */
export interface Edit {
  /** `level1/response.ts` */
  readonly file: string
  /** Text that stands exactly once in the file. */
  readonly find: string
  readonly replace: string
}

/** The reference with a difference. */
export interface Edited {
  /** A slug, unique in its list. */
  readonly name: string
  /** What this server does, in words. */
  readonly what: string
  readonly edits: readonly Edit[]
}

/** An edit that does not fit the reference any more. */
export class EditError extends Error {
  override readonly name = 'EditError'
}

const solutions = fileURLToPath(new URL('../../solutions/', import.meta.url))

/**
 * The files that are edited, as they read then.
 *
 * @throws {EditError} when a `find` does not stand exactly once in its file
 */
export async function editedTexts(
  { name, edits }: Edited,
  level: number,
): Promise<Map<string, string>> {
  const reference = await referenceTexts(level)
  const texts = new Map<string, string>()
  for (const { file, find, replace } of edits) {
    const text = texts.get(file) ?? reference.get(file)
    if (text === undefined)
      throw new EditError(`${name} edits ${file}, which the reference does not have.`)
    const times = text.split(find).length - 1
    if (times !== 1) {
      throw new EditError(
        `${name} looks for ${JSON.stringify(find)}, which stands ${times} times in ${file}, not once.`,
      )
    }
    // A function, because `$&` in a replacement would mean something.
    texts.set(
      file,
      text.replace(find, () => replace),
    )
  }
  return texts
}

/**
 * Writes levels `1` to `level` of the reference, edited, into a folder.
 *
 * @param into - will hold `level1`, `level2`, …, as `levels/` does
 * @throws {EditError} when an edit does not fit
 */
export async function writeEdited(edited: Edited, level: number, into: string): Promise<void> {
  const texts = [...(await referenceTexts(level)), ...(await editedTexts(edited, level))]
  for (const [file, text] of texts) {
    await mkdir(path.dirname(path.join(into, file)), { recursive: true })
    await writeFile(path.join(into, file), text)
  }
}

/**
 * Builds an edited reference, ready to be launched. Its folder goes when this process ends.
 *
 * What was not edited is built once, and shared.
 */
export async function buildEdited(edited: Edited, level: number): Promise<Build> {
  const { built, source } = await referenceBuild(level)
  const texts = await editedTexts(edited, level)
  if (texts.size === 0) return built

  const into = path.join(await temporaryFolder(), 'build')
  const own = new Set(
    [...texts.keys(), `level${level}/main.ts`].map((file) => file.replace(/\.ts$/, '.js')),
  )
  await linkFiles(built.folder, into, (file) => !own.has(file) && isShared(file))
  const intake = { folder: source, files: [...texts.keys()], ignored: [] }
  return await build(intake, registered(level), into, { allowAnyImport: true, edited: texts })
}

interface ReferenceBuild {
  readonly built: Build
  readonly source: string
}

const referenceBuilds = new Map<number, Promise<ReferenceBuild>>()

function referenceBuild(level: number): Promise<ReferenceBuild> {
  const known = referenceBuilds.get(level)
  if (known !== undefined) return known
  const made = temporaryFolder().then(async (folder) => ({
    built: await buildLevel(solutions, level, folder),
    source: path.join(folder, 'source'),
  }))
  referenceBuilds.set(level, made)
  return made
}

/** What `build` writes for each build anew, as it does `main.js`, must not be written through a link. */
function isShared(file: string): boolean {
  return file.endsWith('.js') || file.startsWith('node_modules/')
}

async function linkFiles(
  from: string,
  into: string,
  which: (file: string) => boolean,
): Promise<void> {
  const entries = await readdir(from, { recursive: true, withFileTypes: true })
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(from, path.join(entry.parentPath, entry.name)))
    .filter(which)
  const folders = new Set(files.map((file) => path.dirname(file)))
  for (const folder of folders) await mkdir(path.join(into, folder), { recursive: true })
  await Promise.all(files.map((file) => link(path.join(from, file), path.join(into, file))))
}

/** Builds a folder that holds `level1`, …, and that is ours: it may import what a submission may not. */
export async function buildOurs(from: string, level: number): Promise<Build> {
  return await buildLevel(from, level, await temporaryFolder())
}

async function buildLevel(from: string, level: number, folder: string): Promise<Build> {
  const intake = await takeIn(from, level, path.join(folder, 'source'))
  return await build(intake, registered(level), path.join(folder, 'build'), {
    allowAnyImport: true,
  })
}

function registered(number: number): Level {
  const level = levelNumbered(number)
  if (level === undefined) throw new EditError(`The register has no level ${number}.`)
  return level
}

const readTexts = new Map<number, Promise<ReadonlyMap<string, string>>>()

/** Path → text of the reference, read once. */
function referenceTexts(level: number): Promise<ReadonlyMap<string, string>> {
  const known = readTexts.get(level)
  if (known !== undefined) return known
  const reading = readReference(level)
  readTexts.set(level, reading)
  return reading
}

async function readReference(level: number): Promise<Map<string, string>> {
  const texts = new Map<string, string>()
  for (let number = 1; number <= level; number++) {
    const folder = `level${number}`
    for (const file of await readdir(path.join(solutions, folder))) {
      if (!file.endsWith('.ts')) continue
      texts.set(`${folder}/${file}`, await readFile(path.join(solutions, folder, file), 'utf8'))
    }
  }
  return texts
}
