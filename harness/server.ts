/** A submission's server while it runs: its process, its output, its connections. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { bytesReadBy, isAlive, memoryOf, processTree, type Memory } from './proc.ts'
import { releaseGroup, watchGroup } from './reaper.ts'
import { limits } from './sandbox/limits.ts'
import { oversteps, type Overstep } from './sandbox/overstep.ts'
import { descriptors, type Exit } from './sandbox/program.ts'
import { sandboxes, type SandboxName } from './sandbox/sandbox.ts'
import { Transcript } from './wire/transcript.ts'
import { setTimeout as delay } from 'node:timers/promises'
import { failureOf, Wire, type Address, type Peer } from './wire/wire.ts'
import type { Expectation, Failure } from './expectation.ts'

export type { Exit } from './sandbox/program.ts'

/** A process that ends takes this long to be seen ending. */
const FATE_MS = 300

/** `TypeError: …`, `RangeError [CODE]: …`, also after a label of the learner's own. */
const ERROR_LINE = /(^|\s)[A-Z]\w*(Error|Exception)\b.*:/

/** The folder of the copy means nothing to a learner. */
const COPY_PATH = /(?:file:\/\/)?\/[^\s'"()]{0,400}\/loadbearing-\w+\/(?:\w+\/)?(?:source|build)\//g

/** Text in which the learner's own files have the names that the learner knows. */
export function asWritten(text: string): string {
  return text.replace(COPY_PATH, 'levels/')
}

/** Lines of a stack that say nothing about the learner's code. */
const NODE_INTERNAL =
  /^\s+at .*\(?node:|^Node\.js v\d|^node:(internal|events|net)|^\s+throw er; \/\/|^\s+\^$/

const KEPT_BYTES = 64 * 1024

/** How often somebody looks at its memory. */
const LOOK_MS = 100

/** A process that was killed is gone after so long, or something is wrong with the machine. */
const GONE_MS = 5_000

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
  readonly #sandbox: SandboxName
  readonly #exit: Promise<Exit>
  readonly stdout = new Output()
  readonly stderr = new Output()
  readonly transcript = new Transcript()
  readonly #wires: Wire[] = []
  #pid = 0
  #ended: Exit | undefined
  #neverRan = false
  #overstepped: Overstep | undefined
  /** Where it listens; set once it does. */
  address: Address = { host: '127.0.0.1', port: 0 }

  /** @param child - as `startIn` returns it */
  constructor(child: ChildProcess, sandbox: SandboxName) {
    this.#child = child
    this.#sandbox = sandbox
    if (child.pid !== undefined) watchGroup(child.pid)
    const status = new Output()
    child.stdio.at(descriptors.status)?.on('data', (bytes: Buffer) => status.take(bytes))
    const watch = setInterval(() => this.#lookAtMemory(), LOOK_MS)
    watch.unref()
    this.#exit = new Promise((resolve) => {
      const end = (exit: Exit) => {
        if (this.#ended !== undefined) return
        clearInterval(watch)
        const own = sandboxes[sandbox].ownExit(exit, status.text)
        this.#neverRan = own === undefined
        this.#ended = own ?? exit
        if (child.pid !== undefined) releaseGroup(child.pid)
        resolve(this.#ended)
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
        if (this.stdout.bytes + this.stderr.bytes > limits.outputBytes) this.#end(oversteps.output)
      })
    }
  }

  /** The submission's own process, which a sandbox may have started below one of its own; 0 when it is not there. */
  get pid(): number {
    if (this.#pid === 0 && this.#child.pid !== undefined)
      this.#pid = sandboxes[this.#sandbox].ownPid(this.#child.pid)
    return this.#pid
  }

  /** How it ended, as soon as it has. */
  get ended(): Exit | undefined {
    return this.#ended
  }

  /** The limit for which we ended it. */
  get overstepped(): Overstep | undefined {
    return this.#overstepped
  }

  /** @throws {Error} a fault of ours, when it ended because its sandbox could not be set up */
  checkSandbox(): void {
    if (!this.#neverRan) return
    throw new Error(`The sandbox could not be set up: ${this.stderr.text.trim().slice(0, 400)}`)
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

  /** A new connection. `why`: what a failure tells, should the server take none any more. */
  async connect(why?: string): Promise<Wire> {
    const wire = await Wire.connect(this.address, this.transcript, this, why)
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
    if (this.#overstepped !== undefined) return `the server ${this.#overstepped.what}`
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
    return asWritten(shown.join('\n'))
  }

  signal(signal: NodeJS.Signals): void {
    this.transcript.note(0, `send ${signal} to the server`)
    if (this.#ended !== undefined || this.pid === 0) return
    try {
      process.kill(this.pid, signal)
    } catch {
      // It ends at this moment.
    }
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
    const tree = this.#ended === undefined ? processTree(this.#child.pid ?? 0) : []
    this.kill()
    await this.#exit
    const deadline = Date.now() + GONE_MS
    while (tree.some(isAlive)) {
      if (Date.now() > deadline) throw new Error('A process of the submission cannot be ended.')
      await delay(5)
    }
  }

  #lookAtMemory(): void {
    const memory = memoryOf(this.#child.pid ?? 0)
    if ((memory?.anonymous ?? 0) > limits.memoryBytes) this.#end(oversteps.memory)
  }

  #end(overstep: Overstep): void {
    this.#overstepped ??= overstep
    this.kill()
  }

  /** An `Expectation` that is about the process, not about one conversation. */
  fails(
    what: Pick<Failure, 'expected' | 'received'> & { readonly why?: string | undefined },
  ): Expectation {
    return failureOf(this.transcript, what, this.lastLines())
  }
}
