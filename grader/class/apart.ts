/**
 * Scripts of ours in processes of their own: each reads one job from stdin, and says what it found out in messages.
 *
 * What a stranger handed in is handled only there. Whatever becomes of such a process, this one goes on.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { json } from 'node:stream/consumers'
import type { Readable } from 'node:stream'
import type { z } from 'zod'
import { releaseGroup, watchGroup } from '../../harness/reaper.ts'
import type { Command } from '../../harness/sandbox/program.ts'
import { root } from '../course.ts'

/** The descriptor of the messages, one JSON text a line: what a library prints on stdout is none. */
const MESSAGES = 3

export interface Script {
  /** In `grader/class`. */
  readonly file: string
  /** As whom it runs, and behind what. */
  readonly as: (program: string, args: readonly string[]) => Command
  /** Its home, and where it may write. */
  readonly folder: string
  /** Where what our own code compiles to may be kept for the next one. */
  readonly cache?: string | undefined
  /** It is ended after so long. */
  readonly limitMs: number
  readonly signal?: AbortSignal | undefined
}

/**
 * Runs a script to its end.
 *
 * @param schema - of its messages: what is none is dropped, since a stranger's code may have got the better of it
 * @returns how it ended: `late`, a signal, or `exit code 0`
 */
export async function apart<Message>(
  script: Script,
  job: unknown,
  schema: z.ZodType<Message>,
  onMessage: (message: Message) => void,
): Promise<string> {
  const { limitMs, signal } = script
  const child = start(script)
  const pid = child.pid ?? 0
  watchGroup(pid)
  const kill = () => {
    // It could not be started, and 0 would be ourselves.
    if (pid === 0) return
    try {
      process.kill(-pid, 'SIGKILL')
    } catch {
      // It has ended.
    }
  }
  let late = false
  const limit = setTimeout(() => {
    late = true
    kill()
  }, limitMs)
  signal?.addEventListener('abort', kill, { once: true })
  if (signal?.aborted) kill()
  try {
    child.stdin?.on('error', () => undefined).end(JSON.stringify(job))
    const [[code, signalled]] = await Promise.all([
      once(child, 'close') as Promise<[number | null, string | null]>,
      listen(child.stdio[MESSAGES] as Readable, schema, onMessage),
    ])
    return late ? 'late' : (signalled ?? `exit code ${code ?? 'unknown'}`)
  } finally {
    clearTimeout(limit)
    signal?.removeEventListener('abort', kill)
    releaseGroup(pid)
  }
}

function start({ file, as, folder, cache }: Script) {
  const script = path.join(root, 'grader', 'class', file)
  const { program, arguments: args } = as(process.execPath, ['--disable-sigusr1', script])
  return spawn(program, args, {
    cwd: folder,
    detached: true,
    stdio: ['pipe', 'ignore', 'inherit', 'pipe'],
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: folder,
      TMPDIR: folder,
      ...(cache === undefined ? {} : { NODE_COMPILE_CACHE: cache }),
    },
  })
}

async function listen<Message>(
  messages: Readable,
  schema: z.ZodType<Message>,
  onMessage: (message: Message) => void,
): Promise<void> {
  for await (const line of createInterface({ input: messages })) {
    const message = schema.safeParse(parsed(line))
    if (message.success) onMessage(message.data)
  }
}

/** `undefined`: the process was ended in the middle of a line. */
function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

/** The other side: does a job, and says what comes of it; then this process ends. */
export async function doJob<Job, Message>(
  work: (job: Job, say: (message: Message) => void) => Promise<void>,
): Promise<void> {
  // SIGUSR1 would open a debugger into this process.
  process.on('SIGUSR1', () => undefined)
  const job = (await json(process.stdin)) as Job
  const messages = createWriteStream('', { fd: MESSAGES })
  await work(job, (message) => messages.write(`${JSON.stringify(message)}\n`))
  messages.end(() => process.exit())
}
