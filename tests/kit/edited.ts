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
 * Writes levels `1` to `level` of the reference, edited, into a folder.
 *
 * @param into - will hold `level1`, `level2`, …, as `levels/` does
 * @throws {EditError} when a `find` does not stand exactly once in its file
 */
export async function writeEdited(
  { name, edits }: Edited,
  level: number,
  into: string,
): Promise<void> {
  const texts = await referenceFiles(level)
  for (const { file, find, replace } of edits) {
    const text = texts.get(file)
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
  const reference = await referenceBuild(level)
  const files = [...new Set(edited.edits.map(({ file }) => file))]
  if (files.length === 0) return reference

  const folder = await temporaryFolder()
  const source = path.join(folder, 'edited')
  const into = path.join(folder, 'build')
  await writeEdited(edited, level, source)
  const own = new Set(files.map((file) => file.replace(/\.ts$/, '.js')))
  await linkFiles(reference.folder, into, (file) => !own.has(file) && isShared(file))
  const intake = { folder: source, files, ignored: [] }
  return await build(intake, registered(level), into, { allowAnyImport: true })
}

const referenceBuilds = new Map<number, Promise<Build>>()

function referenceBuild(level: number): Promise<Build> {
  const known = referenceBuilds.get(level)
  if (known !== undefined) return known
  const made = temporaryFolder().then(async (folder) => {
    await writeEdited(
      { name: 'reference', what: 'the reference', edits: [] },
      level,
      path.join(folder, 'edited'),
    )
    return await buildLevel(path.join(folder, 'edited'), level, folder)
  })
  referenceBuilds.set(level, made)
  return made
}

/** What `build` writes for each build anew must not be written through a link. */
function isShared(file: string): boolean {
  return file.endsWith('.js') || file.startsWith('node_modules/')
}

async function linkFiles(
  from: string,
  into: string,
  which: (file: string) => boolean,
): Promise<void> {
  for (const entry of await readdir(from, { recursive: true, withFileTypes: true })) {
    const file = path.relative(from, path.join(entry.parentPath, entry.name))
    if (!entry.isFile() || !which(file)) continue
    await mkdir(path.dirname(path.join(into, file)), { recursive: true })
    await link(path.join(from, file), path.join(into, file))
  }
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

/** Path → text, fresh for every caller. */
async function referenceFiles(level: number): Promise<Map<string, string>> {
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
