/**
 * Asks a server for the same thing again and again, and measures how it answers.
 *
 * Closed loop: each connection sends its next request when the answer to the last one is there. When the
 * server is slow, so is the load. Open loop (`rate`): requests start on a schedule, whether the server keeps
 * up or not, and their latency counts from the time in the schedule: a request that had to wait for a
 * connection has waited.
 */
import { createHistogram } from 'node:perf_hooks'
import { LoadConnection, type Target } from './load-connection.ts'

/** What to ask for, how often, and for how long. */
export interface LoadOptions {
  /** `http://127.0.0.1:8080/work?a=b`: its path and query are the request target. */
  readonly url: string
  /** Closed loop: how many connections ask at once. Open loop: how many may be open at once. [10] */
  readonly connections?: number
  /** Requests are started for this long. One of `seconds` and `requests` is needed; of both, the first to be reached ends the run. */
  readonly seconds?: number
  /** How many requests are started. */
  readonly requests?: number
  /** Requests per second: makes it an open loop. */
  readonly rate?: number
  /** A request without a complete answer by then has failed; counted from where its latency is counted. [10000] */
  readonly timeoutMs?: number
  /** [GET] */
  readonly method?: string
  /** Sent as they are, beside Host (that of the URL) and Content-Length. */
  readonly headers?: Readonly<Record<string, string>>
  /** Sent with each request, with its Content-Length; a string as UTF-8. [none] */
  readonly content?: string | Uint8Array
  /** [any from 200 to 299] */
  readonly expectedStatus?: number
}

/**
 * How a request can fail.
 *
 * `connect`: there was no connection to send it on · `reset`: the connection was reset, or broke in another way ·
 * `timeout`: no complete answer in time · `early-close`: FIN before the answer was complete, or before it began ·
 * `wrong-status`: a complete answer with another status, or bytes that are no HTTP answer
 */
export type ErrorKind = 'connect' | 'reset' | 'timeout' | 'early-close' | 'wrong-status'

/** What was found. */
export interface LoadResult {
  /** Requests that ended, well or badly. */
  readonly requests: number
  /** Of these, complete answers with the expected status. Only these have a latency. */
  readonly successes: number
  /** All others, by what went wrong. Every kind is there, with 0 if need be. */
  readonly errors: Readonly<Record<ErrorKind, number>>
  /** From the start to the last request's end; with `seconds`, to the last success, and at least `seconds`. */
  readonly seconds: number
  /** Successes in each of these seconds. */
  readonly requestsPerSecond: number
  /** From the start of a request (open loop: its time in the schedule) to the end of its answer; connecting counts. 0 without a success. */
  readonly latencyMs: {
    readonly p50: number
    readonly p90: number
    readonly p99: number
    readonly max: number
  }
}

/**
 * Runs one load. Requests that are under way when time is up are waited for, and counted.
 *
 * A connection is used again when the server keeps it open (RFC 9112 §9.3), and opened anew when not.
 * No request is ever sent twice.
 *
 * @throws {TypeError} for options that make no sense, in a sentence
 */
export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  check(options)
  return await new LoadRun(options).run()
}

function check(options: LoadOptions): void {
  const { url, connections = 1, seconds, requests, rate = 1, timeoutMs = 1 } = options
  if (!URL.canParse(url) || new URL(url).protocol !== 'http:') {
    throw new TypeError(`"${url}" is not an http:// URL.`)
  }
  if (!Number.isInteger(connections)) throw new TypeError('connections must be a whole number.')
  if (requests !== undefined && !Number.isInteger(requests)) {
    throw new TypeError('requests must be a whole number.')
  }
  for (const [name, value] of Object.entries({ connections, seconds, requests, rate, timeoutMs })) {
    if (value !== undefined && !(value > 0)) throw new TypeError(`${name} must be more than 0.`)
  }
  if (seconds === undefined && requests === undefined) {
    throw new TypeError('One of seconds and requests is needed: when does it end?')
  }
}

/** After a connection could not be opened, the next try waits a little: a closed port answers at once. */
const RECONNECT_PAUSE_MS = 10

/** Starts requests, and counts how they end. */
class LoadRun {
  readonly #options: LoadOptions
  readonly #timeoutMs: number
  readonly #connections: readonly LoadConnection[]
  readonly #idle: LoadConnection[]
  readonly #latencyUs = createHistogram({ lowest: 1, highest: 3_600_000_000, figures: 3 })
  readonly #errors = { connect: 0, reset: 0, timeout: 0, 'early-close': 0, 'wrong-status': 0 }
  readonly #finished = Promise.withResolvers<void>()
  /** How many requests there will be, as far as that is known beforehand. */
  readonly #most: number
  #started = 0
  #successes = 0
  #beginMs = 0
  #lastEndMs = 0
  #lastSuccessMs = 0
  #schedule: NodeJS.Timeout | undefined

  constructor(options: LoadOptions) {
    const { connections = 10, requests = Infinity, rate, seconds = Infinity } = options
    const target = targetOf(options)
    this.#options = options
    this.#timeoutMs = target.timeoutMs
    this.#most = rate === undefined ? requests : Math.min(requests, startsIn(seconds, rate))
    this.#connections = Array.from(
      { length: connections },
      () => new LoadConnection(target, (...ended) => this.#ended(...ended)),
    )
    this.#idle = [...this.#connections]
  }

  async run(): Promise<LoadResult> {
    this.#beginMs = this.#lastEndMs = this.#lastSuccessMs = performance.now()
    this.#tick()
    await this.#finished.promise
    clearTimeout(this.#schedule)
    for (const connection of this.#connections) connection.close()
    return this.#result()
  }

  /** Starts what is due, and in the open loop comes back when the next request is. */
  #tick(): void {
    const now = performance.now()
    this.#startDue(now)
    if (this.#options.rate === undefined || this.#started >= this.#most) return
    this.#schedule = setTimeout(() => this.#tick(), Math.max(1, this.#dueMs(now) - now))
  }

  #startDue(now: number): void {
    while (this.#mayStart(now)) {
      const dueMs = this.#dueMs(now)
      if (dueMs > now) return
      if (now - dueMs > this.#timeoutMs) {
        // Its time was up before there was a connection for it.
        this.#started += 1
        this.#count('timeout', now)
        continue
      }
      const connection = this.#idle.pop()
      if (connection === undefined) return
      this.#started += 1
      connection.start(dueMs)
    }
    if (this.#idle.length === this.#connections.length) this.#finished.resolve()
  }

  #mayStart(now: number): boolean {
    if (this.#started >= this.#most) return false
    const { rate, seconds = Infinity } = this.#options
    return rate !== undefined || now - this.#beginMs < seconds * 1000
  }

  /** When the next request is to start: in the closed loop as soon as it can. */
  #dueMs(now: number): number {
    const { rate } = this.#options
    return rate === undefined ? now : this.#beginMs + (this.#started * 1000) / rate
  }

  #ended(
    connection: LoadConnection,
    outcome: 'success' | ErrorKind,
    startMs: number,
    endMs: number,
  ): void {
    this.#count(outcome, endMs, endMs - startMs)
    if (outcome === 'connect') {
      setTimeout(() => this.#release(connection), RECONNECT_PAUSE_MS)
    } else {
      this.#release(connection)
    }
  }

  #release(connection: LoadConnection): void {
    this.#idle.push(connection)
    this.#startDue(performance.now())
  }

  #count(outcome: 'success' | ErrorKind, endMs: number, latencyMs = 0): void {
    this.#lastEndMs = endMs
    if (outcome !== 'success') {
      this.#errors[outcome] += 1
      return
    }
    this.#lastSuccessMs = endMs
    this.#successes += 1
    this.#latencyUs.record(Math.max(1, Math.round(latencyMs * 1000)))
  }

  #result(): LoadResult {
    const asked = this.#options.seconds
    const endMs = asked === undefined ? this.#lastEndMs : this.#lastSuccessMs
    const seconds = Math.max(asked ?? 0, (endMs - this.#beginMs) / 1000)
    return {
      requests: this.#started,
      successes: this.#successes,
      errors: this.#errors,
      seconds,
      requestsPerSecond: this.#successes / seconds,
      latencyMs: {
        p50: this.#percentileMs(50),
        p90: this.#percentileMs(90),
        p99: this.#percentileMs(99),
        max: this.#percentileMs(100),
      },
    }
  }

  #percentileMs(percentile: number): number {
    return this.#successes === 0 ? 0 : this.#latencyUs.percentile(percentile) / 1000
  }
}

/** How many requests begin in so long. In binary, 100 times 1.1 is a little more than 110. */
function startsIn(seconds: number, rate: number): number {
  return Math.ceil(rate * seconds * (1 - 1e-12))
}

function targetOf(options: LoadOptions): Target {
  const { url, method = 'GET', timeoutMs = 10_000, expectedStatus } = options
  const { hostname, port } = new URL(url)
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port || 80),
    request: formatRequest(options),
    isHead: method === 'HEAD',
    timeoutMs,
    isExpected: (status) =>
      expectedStatus === undefined ? status >= 200 && status <= 299 : status === expectedStatus,
  }
}

/** The bytes of one request; they are the same each time (RFC 9112 §3). */
function formatRequest({ url, method = 'GET', headers = {}, content }: LoadOptions): Buffer {
  const { host, pathname, search } = new URL(url)
  const body = typeof content === 'string' ? Buffer.from(content) : content
  let head = `${method} ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\n`
  for (const [name, value] of Object.entries(headers)) head += `${name}: ${value}\r\n`
  if (body !== undefined) head += `Content-Length: ${body.length}\r\n`
  return Buffer.concat([Buffer.from(`${head}\r\n`, 'latin1'), body ?? Buffer.alloc(0)])
}
