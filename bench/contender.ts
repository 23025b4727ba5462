/** A server under measurement, seen from outside: what it serves, what it costs, how much memory it holds. */
import type { Build } from '../harness/build.ts'
import { launch, type Environment } from '../harness/launch.ts'
import { cpuTimeOf, type Memory } from '../harness/proc.ts'
import type { Grants } from '../harness/sandbox/program.ts'
import type { Server } from '../harness/server.ts'
import type { Address } from '../harness/wire/wire.ts'
import type { LoadReport } from './load/job.ts'
import type { Round, Void } from './record.ts'

/** How often memory is looked at during a round. */
const LOOK_MS = 200

/** More requests than this without a whole answer, of all: the figures do not count. */
const MOST_ERRORS = 0.01

/** The figures of a server do not count, and why. */
export class VoidFigures extends Error {
  override readonly name = 'VoidFigures'
  readonly contender: Contender['name']
  readonly void: Void

  constructor(contender: Contender['name'], code: Void['code'], message: string) {
    super(message)
    this.contender = contender
    this.void = { code, message }
  }
}

export class Contender {
  readonly name: 'submission' | 'reference'
  readonly startUpMs: number
  readonly idle: Memory | undefined
  readonly #server: Server
  #peak: Memory = { anonymous: 0, resident: 0 }

  private constructor(name: Contender['name'], server: Server, startUpMs: number) {
    this.name = name
    this.#server = server
    this.startUpMs = startUpMs
    this.idle = server.memory()
  }

  /**
   * Starts a server.
   *
   * @throws {SubmissionFault} when it does not become ready
   */
  static async start(
    name: Contender['name'],
    build: Build,
    environment: Environment,
    grants: Grants,
  ): Promise<Contender> {
    const begun = performance.now()
    const server = await launch(build, environment, grants)
    return new Contender(name, server, performance.now() - begun)
  }

  get address(): Address {
    return this.#server.address
  }

  get pid(): number {
    return this.#server.pid
  }

  get server(): Server {
    return this.#server
  }

  /** Of the whole process tree, right now. */
  memory(): Memory | undefined {
    const memory = this.#server.memory()
    if (memory !== undefined) {
      this.#peak = {
        anonymous: Math.max(this.#peak.anonymous, memory.anonymous),
        resident: Math.max(this.#peak.resident, memory.resident),
      }
    }
    return memory
  }

  /** The most since it was last forgotten. */
  get peak(): Memory {
    return this.#peak
  }

  forgetPeak(): void {
    this.#peak = { anonymous: 0, resident: 0 }
  }

  /**
   * Watches the server while a load runs.
   *
   * @throws {VoidFigures} when an answer was wrong, too many did not come, or the process has ended
   */
  async round(order: number, load: () => Promise<LoadReport>): Promise<[Round, LoadReport]> {
    const before = cpuTimeOf(this.pid)
    const look = setInterval(() => this.memory(), LOOK_MS)
    const report = await load().finally(() => clearInterval(look))
    await this.verify(report)
    const after = cpuTimeOf(this.pid)
    const memory = this.memory()
    const { seconds, requests, requestsInAll } = report
    const round: Round = {
      order,
      seconds,
      requests,
      requestsPerSecond: requests / seconds,
      connectionsServed: report.connectionsServed,
      contentBytesPerSecond: report.contentBytes / seconds,
      latencyMs: report.latencyMs,
      errors: report.errors,
      wrong: report.wrong,
      cpuMicrosecondsPerRequest:
        before === undefined || after === undefined || requestsInAll === 0
          ? null
          : (after - before) / requestsInAll,
      anonymousBytes: memory?.anonymous ?? null,
      residentBytes: memory?.resident ?? null,
      generatorShare: report.generatorShare,
    }
    return [round, report]
  }

  /** A fast wrong answer scores nothing. */
  async verify(report: LoadReport, mostErrors = MOST_ERRORS): Promise<void> {
    const { requestsInAll, wrong, firstWrong, errors, firstError } = report
    if (wrong > 0) {
      throw new VoidFigures(
        this.name,
        'wrong-answers',
        `${wrong} of ${requestsInAll + wrong} answers were wrong: ${firstWrong ?? ''}.`,
      )
    }
    if (requestsInAll > 0 && errors <= mostErrors * requestsInAll) return
    const fate = await this.#server.fate()
    if (fate !== undefined) {
      const last = this.#server.lastLines(3)
      throw new VoidFigures(
        this.name,
        'died',
        `Under load ${fate}${last === '' ? '.' : `; the last it printed: ${last}`}`,
      )
    }
    throw new VoidFigures(
      this.name,
      'no-answer',
      requestsInAll === 0
        ? `No request was answered${firstError === null ? '' : ` (${firstError})`}.`
        : `${errors} of ${requestsInAll + errors} requests got no whole answer (${firstError ?? ''}).`,
    )
  }

  async stop(): Promise<void> {
    await this.#server.stop()
  }
}
