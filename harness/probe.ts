/**
 * Calls into a submission's module, in a process of the submission's own.
 *
 * The function's text runs beside the learner's code and returns what it saw; the judgement stays
 * with us, so that no expected value is ever where a submission could read it.
 */
import { once } from 'node:events'
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Build } from './build.ts'
import { Expectation } from './expectation.ts'
import { descriptors, type Grants } from './sandbox/program.ts'
import { startIn } from './sandbox/sandbox.ts'
import { Server } from './server.ts'

/** A value that survives JSON. */
export type Json =
  null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }

export interface ProbeOptions {
  /** [10 s] A probe that says nothing for so long is ended, and one that is not done after three times as long. */
  readonly patienceMs?: number
  readonly grants?: Grants
  /** What `look` does and why, for the learner whose module never lets it come to its end. */
  readonly about?: { readonly steps: readonly string[]; readonly why: string }
}

const MAX_OUTPUT_BYTES = 64 * 1024 * 1024

const STEP_MS = 100

/**
 * Runs `look(module, input)` in a child process and returns its result.
 *
 * `look` must stand alone: it sees its two arguments and what Node has globally, nothing of the test around it.
 *
 * @param file - a module of the submission: `level2/request-parser.ts`
 * @throws {Expectation} when the module does not load, or `look` throws, hangs or ends the process
 */
export async function probe<Input extends Json, Output extends Json>(
  build: Build,
  file: string,
  look: (module: never, input: Input) => Output | Promise<Output>,
  input: Input,
  { patienceMs = 10_000, grants = {}, about }: ProbeOptions = {},
): Promise<Output> {
  if (!existsSync(path.join(build.folder, builtName(file)))) throw missing(file)
  const script = path.join(build.folder, `probe-${randomUUID()}.js`)
  await writeFile(script, scriptOf(file, look, input))
  const child = startIn(
    build.sandbox,
    {
      folder: build.folder,
      entry: script,
      environment: { LOG: 'off' },
      grants: { workers: build.workers, ...grants },
    },
    { channel: true },
  )
  const server = new Server(child, build.sandbox)
  const answer: Buffer[] = []
  let bytes = 0
  const channel = child.stdio[descriptors.channel] as NodeJS.ReadableStream
  let late = false
  const giveUp = () => {
    late = true
    server.kill()
  }
  // In steps, so that a pause of the machine counts as one of them.
  let [silentMs, inAllMs] = [0, 0]
  const watch = setInterval(() => {
    silentMs += STEP_MS
    inAllMs += STEP_MS
    if (silentMs >= patienceMs || inAllMs >= 3 * patienceMs) giveUp()
  }, STEP_MS)
  channel.on('data', (part: Buffer) => {
    silentMs = 0
    bytes += part.length
    if (bytes <= MAX_OUTPUT_BYTES) answer.push(part)
  })
  await Promise.all([server.exit, once(channel, 'close')]).finally(() => clearInterval(watch))
  server.checkSandbox()
  return readAnswer(
    Buffer.concat(answer).toString('utf8'),
    file,
    server,
    late,
    patienceMs,
    about,
  ) as Output
}

function builtName(file: string): string {
  return file.replace(/\.ts$/, '.js')
}

/** Node would speak of a file of the build, which no learner knows. */
function missing(file: string): Expectation {
  return new Expectation({
    steps: [`load levels/${file}`],
    expected: 'a module that loads',
    // The command is a line of its own, to be pasted.
    received: `there is no levels/${file}. Take it back from the archive that you were given, or with\ngit checkout -- levels/${file}`,
  })
}

function scriptOf(
  file: string,
  look: (module: never, input: never) => unknown,
  input: Json,
): string {
  return `
import { writeSync } from 'node:fs'
const say = (answer) => {
  const bytes = Buffer.from(JSON.stringify(answer))
  const pause = new Int32Array(new SharedArrayBuffer(4))
  for (let at = 0; at < bytes.length; ) {
    try { at += writeSync(3, bytes, at) } catch (error) {
      if (error.code !== 'EAGAIN') throw error
      Atomics.wait(pause, 0, 0, 1)
    }
  }
  process.exit(0)
}
let loaded = false
// The source maps have turned the places in a stack into those of the learner's own files.
const placeOf = (error) => /(level\\d+\\/[^\\s:()]+\\.ts):(\\d+)/.exec(String(error?.stack))?.slice(1, 3) ?? []
const textOf = (error) => {
  try { return error instanceof Error ? error.name + ': ' + error.message : String(error) } catch { return 'a value without text' }
}
const describe = (error) => ({ threw: { loaded, text: textOf(error), place: placeOf(error) } })
process.on('uncaughtException', (error) => say(describe(error)))
try {
  const module = await import(${JSON.stringify(`./${builtName(file)}`)})
  loaded = true
  const look = ${look.toString()}
  const result = await look(module, ${JSON.stringify(input)})
  say({ result: result === undefined ? null : result })
} catch (error) {
  say(describe(error))
}
`
}

/** What the child says of itself: a stranger's words, for the learner to read. */
interface Answer {
  readonly result?: Json
  readonly threw?: {
    /** `false`: the module itself threw, before anything of it could be called. */
    readonly loaded: boolean
    /** `TypeError: not today` */
    readonly text: string
    /** File and line where it was thrown, if that is in the submission. */
    readonly place: readonly string[]
  }
}

function readAnswer(
  text: string,
  file: string,
  server: Server,
  late: boolean,
  patienceMs: number,
  about: ProbeOptions['about'],
): Json {
  const fails = (received: string, loaded = true) => {
    const stderr = server.lastLines()
    return new Expectation({
      steps: loaded
        ? (about?.steps ?? [`load levels/${file} and call it`])
        : [`load levels/${file}`],
      expected: loaded ? 'a result' : 'a module that loads',
      received,
      ...(loaded && about !== undefined ? { why: about.why } : {}),
      ...(stderr === '' ? {} : { stderr }),
    })
  }
  if (text === '' && late)
    throw fails(
      `nothing for ${patienceMs / 1000} s: it loops, or waits for something that never comes`,
    )
  if (text === '') {
    throw fails(
      `the process ended (${server.ended?.signal ?? `exit code ${server.ended?.code ?? 'unknown'}`}) before it returned`,
    )
  }
  let answer: Answer
  try {
    answer = JSON.parse(text) as Answer
  } catch {
    throw fails(
      late
        ? 'the beginning of a result that is too large to be handed over'
        : 'an answer that is no JSON',
    )
  }
  if (answer.threw !== undefined) {
    const { loaded, text, place } = answer.threw
    const [where, line] = place
    throw fails(where === undefined ? text : `${text} (levels/${where}, line ${line})`, loaded)
  }
  return answer.result ?? null
}
