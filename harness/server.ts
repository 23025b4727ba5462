/** A submission's server while it runs: its process, its output, its connections. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { bytesReadBy, memoryOf, type Memory } from './proc.ts'
import { releaseGroup, watchGroup } from './reaper.ts'
import { Transcript } from './wire/transcript.ts'
import { setTimeout as delay } from 'node:timers/promises'
import { failureOf, Wire, type Address, type Peer } from './wire/wire.ts'
import type { Expectation, Failure } from './expectation.ts'

/** How a process ended. */
export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A process that ends takes this long to be seen ending. */
const FATE_MS = 300

/** `TypeError: …`, `RangeError [CODE]: …`, also after a label of the learner's own. */
const ERROR_LINE = /(^|\s)[A-Z]\w*(Error|Exception)\b.*:/

/** The folder of the copy means nothing to a learner. */
const COPY_PATH = /(?:file:\/\/)?\/[^\s'"()]*\/loadbearing-\w+\/(?:source|build)\//g

/** Lines of a stack that say nothing about the learner's code. */
const NODE_INTERNAL =
  /^\s+at .*\(?node:|^Node\.js v\d|^node:(internal|events|net)|^\s+throw er; \/\/|^\s+\^$/

const KEPT_BYTES = 64 * 1024
const MOST_BYTES = 16 * 1024 * 1024

/** What a process printed on one stream: the beginning is kept, the rest is counted. */
export class Output {
  #text = ''
  #bytes = 0

  take(bytes: Buffer): void {
    if (this.#bytes < KEPT_BYTES) this.#text += bytes.toString('utf8', 0, KEPT_BYTES - this.#bytes)
    this.#bytes += bytes.length
  }

  get text(): string {
    return this.#text
  }

  get bytes(): number {
    return this.#bytes
  }
}

export class Server implements Peer {
  readonly #child: ChildProcess
  readonly #exit: Promise<Exit>
  readonly stdout = new Output()
  readonly stderr = new Output()
  readonly transcript = new Transcript()
  readonly #wires: Wire[] = []
  #ended: Exit | undefined
  #tooMuchOutput = false
  /** Where it listens; set once it does. */
  address: Address = { host: '127.0.0.1', port: 0 }

  constructor(child: ChildProcess) {
    this.#child = child
    if (child.pid !== undefined) watchGroup(child.pid)
    this.#exit = new Promise((resolve) => {
      const end = (exit: Exit) => {
        if (this.#ended !== undefined) return
        this.#ended = exit
        if (child.pid !== undefined) releaseGroup(child.pid)
        resolve(exit)
      }
      child.once('close', (code, signal) => end({ code, signal }))
      child.once('error', () => end({ code: null, signal: null }))
    })
    for (const [stream, output] of [
      [child.stdout, this.stdout],
      [child.stderr, this.stderr],
    ] as const) {
      stream?.on('data', (bytes: Buffer) => {
        output.take(bytes)
        if (this.stdout.bytes + this.stderr.bytes > MOST_BYTES) {
          this.#tooMuchOutput = true
          this.kill()
        }
      })
    }
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** How it ended, as soon as it has. */
  get ended(): Exit | undefined {
    return this.#ended
  }

  get printedTooMuch(): boolean {
    return this.#tooMuchOutput
  }

  /** Resolves when the process has ended and its output is complete. */
  get exit(): Promise<Exit> {
    return this.#exit
  }

  /** Waits for more output on stdout, or for the end of the process. */
  async outputOrExit(signal: AbortSignal): Promise<void> {
    const stdout = this.#child.stdout
    if (stdout === null || this.#ended !== undefined) return
    await Promise.race([once(stdout, 'data', { signal }), this.#exit])
  }

  /** A new connection. */
  async connect(): Promise<Wire> {
    const wire = await Wire.connect(this.address, this.transcript, this)
    this.#wires.push(wire)
    return wire
  }

  /** Memory of the process and its children; `undefined` where the system does not tell. */
  memory(): Memory | undefined {
    return memoryOf(this.pid)
  }

  /** Bytes that it has read so far; `undefined` where the system does not tell. */
  bytesRead(): number | undefined {
    return bytesReadBy(this.pid)
  }

  /** How the process ended, if it has or is about to: a connection is cut a moment before its process is gone. */
  async fate(): Promise<string | undefined> {
    await Promise.race([this.#exit, delay(FATE_MS, undefined, { ref: false })])
    if (this.#ended === undefined) return undefined
    const { code, signal } = this.#ended
    if (this.#tooMuchOutput) return 'the server printed more than 16 MB and was ended'
    return `the server's process has ended (${signal ?? `exit code ${code ?? 'unknown'}`})`
  }

  /** The last lines of stderr that are about the learner's code. */
  lastLines(count = 6): string {
    const lines = this.stderr.text
      .split('\n')
      .filter((line) => line.trim() !== '' && !NODE_INTERNAL.test(line))
    // A stack is read from its top: the error itself says the most.
    const error = lines.findLastIndex((line) => ERROR_LINE.test(line))
    const shown = error === -1 ? lines.slice(-count) : lines.slice(error, error + count)
    return shown.join('\n').replace(COPY_PATH, 'levels/')
  }

  signal(signal: NodeJS.Signals): void {
    this.transcript.note(0, `send ${signal} to the server`)
    this.#child.kill(signal)
  }

  /** Ends the process and everything in its group, now. */
  kill(): void {
    if (this.#child.pid === undefined || this.#ended !== undefined) return
    try {
      process.kill(-this.#child.pid, 'SIGKILL')
    } catch {
      this.#child.kill('SIGKILL')
    }
  }

  /** Ends the process, and returns when nothing is left of it. */
  async stop(): Promise<void> {
    for (const wire of this.#wires) wire.close()
    this.kill()
    await this.#exit
  }

  /** An `Expectation` that is about the process, not about one conversation. */
  fails(
    what: Pick<Failure, 'expected' | 'received'> & { readonly why?: string | undefined },
  ): Expectation {
    return failureOf(this.transcript, what, this.lastLines())
  }
}
