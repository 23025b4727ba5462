/**
 * Asks a server for the same thing again and again, and measures how it answers.
 *
 * Closed loop: each connection sends its next request when the answer to the last one is there. When the
 * server is slow, so is the load. Open loop (`rate`): requests start on a schedule, whether the server keeps
 * up or not, and their latency counts from the time in the schedule: a request that had to wait for a
 * connection has waited.
 */
import { connect, type Socket } from 'node:net'
import { type Alarm, alarm } from '../level1/wheel.ts'
import { AnswerReader } from './answer-reader.ts'

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
export function runLoad(options: LoadOptions): Promise<LoadResult> {
  return new Promise((resolve) => {
    const plan = planOf(options)
    const tally = new Tally(plan)
    const done = () => resolve(tally.result())
    if (plan.rate === undefined) new ClosedLoop(plan, tally, done).start()
    else new OpenLoop(plan, plan.rate, tally, done).start()
  })
}

// ---- what is asked for

interface Plan {
  readonly host: string
  readonly port: number
  readonly bytes: Buffer
  readonly method: string
  readonly connections: number
  readonly seconds: number | undefined
  readonly requests: number
  readonly rate: number | undefined
  readonly timeoutMs: number
  readonly isExpected: (status: number) => boolean
}

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

function planOf(options: LoadOptions): Plan {
  const {
    connections = 10,
    seconds,
    requests,
    rate,
    timeoutMs = 10_000,
    method = 'GET',
    headers = {},
  } = options
  let url: URL
  try {
    url = new URL(options.url)
  } catch {
    throw new TypeError(`"${options.url}" is not a URL.`)
  }
  if (url.protocol !== 'http:')
    throw new TypeError(`Only http: can be loaded, and not "${url.protocol}".`)
  whole('connections', connections)
  if (seconds === undefined && requests === undefined)
    throw new TypeError('Either seconds or requests must be given.')
  if (seconds !== undefined) positive('seconds', seconds)
  if (requests !== undefined) whole('requests', requests)
  if (rate !== undefined) positive('rate', rate)
  positive('timeoutMs', timeoutMs)
  if (typeof method !== 'string' || !token.test(method))
    throw new TypeError(`"${method}" is not a method.`)
  const { expectedStatus } = options
  if (
    expectedStatus !== undefined &&
    !(Number.isInteger(expectedStatus) && expectedStatus >= 200 && expectedStatus <= 999)
  ) {
    throw new TypeError(
      `expectedStatus must be the status of a final answer, but it is ${expectedStatus}.`,
    )
  }

  let head = `${method} ${url.pathname}${url.search} HTTP/1.1\r\nHost: ${url.host}\r\n`
  for (const [name, value] of Object.entries(headers)) {
    if (!token.test(name) || /[\0\r\n]|[^\0-\xff]/.test(String(value))) {
      throw new TypeError(`"${name}: ${value}" is not a header field.`)
    }
    if (/^(?:host|content-length|transfer-encoding)$/i.test(name)) {
      throw new TypeError(`${name} follows from the URL and the content; it cannot be given.`)
    }
    head += `${name}: ${value}\r\n`
  }
  const content =
    typeof options.content === 'string'
      ? Buffer.from(options.content)
      : Buffer.from(options.content ?? [])
  // RFC 9110 §8.6: a method that is about its content says that there is none.
  if (options.content !== undefined || /^(?:POST|PUT|PATCH)$/.test(method))
    head += `Content-Length: ${content.length}\r\n`

  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? 80 : Number(url.port),
    bytes: Buffer.concat([Buffer.from(`${head}\r\n`, 'latin1'), content]),
    method,
    connections,
    seconds,
    requests: requests ?? Infinity,
    rate,
    timeoutMs,
    isExpected:
      expectedStatus === undefined
        ? (status) => status >= 200 && status <= 299
        : (status) => status === expectedStatus,
  }
}

function positive(name: string, value: number): void {
  if (typeof value !== 'number' || !(value > 0) || value === Infinity) {
    throw new TypeError(`${name} must be a number above 0, but it is ${value}.`)
  }
}

function whole(name: string, value: number): void {
  if (!Number.isInteger(value) || value < 1) {
    throw new TypeError(`${name} must be a whole number of 1 or more, but it is ${value}.`)
  }
}

// ---- what is found

class Tally {
  readonly startMs = performance.now()
  readonly #plan: Plan
  readonly #errors: Record<ErrorKind, number> = {
    connect: 0,
    reset: 0,
    timeout: 0,
    'early-close': 0,
    'wrong-status': 0,
  }
  #requests = 0
  #latencies = new Float64Array(1024)
  #successes = 0
  #lastEndMs = this.startMs
  #lastSuccessMs = this.startMs

  constructor(plan: Plan) {
    this.#plan = plan
  }

  count(outcome: ErrorKind | 'success', sinceMs: number): void {
    const now = performance.now()
    this.#requests += 1
    this.#lastEndMs = now
    if (outcome === 'success' && now - sinceMs > this.#plan.timeoutMs) outcome = 'timeout'
    if (outcome !== 'success') {
      this.#errors[outcome] += 1
      return
    }
    if (this.#successes === this.#latencies.length) {
      const larger = new Float64Array(this.#latencies.length * 2)
      larger.set(this.#latencies)
      this.#latencies = larger
    }
    this.#latencies[this.#successes] = now - sinceMs
    this.#successes += 1
    this.#lastSuccessMs = now
  }

  result(): LoadResult {
    const sorted = this.#latencies.subarray(0, this.#successes).sort()
    const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0
    const { seconds: asked } = this.#plan
    const seconds =
      asked === undefined
        ? (this.#lastEndMs - this.startMs) / 1000
        : Math.max(asked, (this.#lastSuccessMs - this.startMs) / 1000)
    return {
      requests: this.#requests,
      successes: this.#successes,
      errors: this.#errors,
      seconds,
      requestsPerSecond: seconds > 0 ? this.#successes / seconds : 0,
      latencyMs: { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) },
    }
  }
}

// ---- one connection at a time

/** Sends one request after the other; opens a connection when it has none. */
class Lane {
  readonly #plan: Plan
  readonly #tally: Tally
  readonly #onFree: (lane: Lane) => void
  readonly #patience: Alarm = alarm(() => this.#end('timeout'))
  #socket: Socket | undefined
  #isConnected = false
  #isAsking = false
  #sinceMs = 0
  #reader: AnswerReader

  constructor(plan: Plan, tally: Tally, onFree: (lane: Lane) => void) {
    this.#plan = plan
    this.#tally = tally
    this.#onFree = onFree
    this.#reader = new AnswerReader(plan.method)
  }

  get isAsking(): boolean {
    return this.#isAsking
  }

  ask(sinceMs: number): void {
    this.#isAsking = true
    this.#sinceMs = sinceMs
    this.#reader = new AnswerReader(this.#plan.method)
    this.#patience.set(Math.max(1, sinceMs + this.#plan.timeoutMs - performance.now()))
    const socket = this.#socket ?? this.#open()
    socket.write(this.#plan.bytes)
  }

  close(): void {
    this.#patience.clear()
    this.#drop()
  }

  #open(): Socket {
    const { host, port } = this.#plan
    const socket = connect({ host, port, noDelay: true, allowHalfOpen: true })
    this.#socket = socket
    this.#isConnected = false
    const mine = (act: () => void) => {
      if (this.#socket === socket) act()
    }
    socket.on('connect', () => mine(() => (this.#isConnected = true)))
    socket.on('data', (bytes: Buffer) => mine(() => this.#read(bytes)))
    socket.on('end', () => mine(() => this.#finIsHere()))
    socket.on('error', () => mine(() => this.#broke()))
    socket.on('close', () => mine(() => this.#broke()))
    return socket
  }

  #read(bytes: Buffer): void {
    // Nobody asked for this: the connection is not fit for another request.
    if (!this.#isAsking) return this.#drop()
    const reader = this.#reader
    reader.push(bytes)
    if (reader.isBroken) this.#end('wrong-status')
    else if (reader.isComplete) this.#isAnswered()
  }

  #isAnswered(): void {
    const { status, keepsOpen } = this.#reader
    if (!keepsOpen) this.#drop()
    this.#end(this.#plan.isExpected(status) ? 'success' : 'wrong-status', keepsOpen)
  }

  #finIsHere(): void {
    if (this.#isAsking && this.#reader.endsByClose) return this.#isAnswered()
    this.#end('early-close')
  }

  #broke(): void {
    this.#end(this.#isConnected ? 'reset' : 'connect')
  }

  #drop(): void {
    const socket = this.#socket
    this.#socket = undefined
    socket?.destroy()
  }

  #end(outcome: ErrorKind | 'success', keepsOpen = false): void {
    this.#patience.clear()
    if (!keepsOpen) this.#drop()
    if (!this.#isAsking) return
    this.#isAsking = false
    this.#tally.count(outcome, this.#sinceMs)
    // One turn later: a FIN that came with the answer is seen first, and no request is lost to it.
    setImmediate(() => this.#onFree(this))
  }
}

// ---- when a request starts

class ClosedLoop {
  readonly #plan: Plan
  readonly #tally: Tally
  readonly #done: () => void
  #started = 0
  #busy = 0

  constructor(plan: Plan, tally: Tally, done: () => void) {
    this.#plan = plan
    this.#tally = tally
    this.#done = done
  }

  start(): void {
    const lanes = Math.min(this.#plan.connections, this.#plan.requests)
    this.#busy = lanes
    for (let i = 0; i < lanes; i += 1)
      this.#next(new Lane(this.#plan, this.#tally, (lane) => this.#next(lane)))
  }

  #next(lane: Lane): void {
    const { seconds, requests } = this.#plan
    const now = performance.now()
    if (
      this.#started < requests &&
      (seconds === undefined || now - this.#tally.startMs < seconds * 1000)
    ) {
      this.#started += 1
      lane.ask(now)
      return
    }
    lane.close()
    this.#busy -= 1
    if (this.#busy === 0) this.#done()
  }
}

class OpenLoop {
  readonly #plan: Plan
  readonly #tally: Tally
  readonly #done: () => void
  readonly #rate: number
  readonly #total: number
  readonly #free: Lane[] = []
  readonly #overdue: Alarm
  #lanes = 0
  /** Requests of the schedule before this one have a lane, or gave up. Those up to `#due` wait for one. */
  #begun = 0
  #due = 0
  #ended = 0

  constructor(plan: Plan, rate: number, tally: Tally, done: () => void) {
    this.#plan = plan
    this.#rate = rate
    this.#tally = tally
    this.#done = done
    // What is asked for is rate × seconds, not what the last bit of a product makes of it.
    const scheduled =
      plan.seconds === undefined ? Infinity : Math.max(1, Math.ceil(rate * plan.seconds - 1e-6))
    this.#total = Math.min(plan.requests, scheduled)
    this.#overdue = alarm(() => this.#giveUp())
  }

  start(): void {
    this.#tick()
  }

  #timeOf(i: number): number {
    return this.#tally.startMs + (i * 1000) / this.#rate
  }

  #tick(): void {
    const now = performance.now()
    while (this.#due < this.#total && this.#timeOf(this.#due) <= now) this.#due += 1
    this.#handOut()
    if (this.#due === this.#total) return
    const wait = this.#timeOf(this.#due) - performance.now()
    if (wait > 1.5) setTimeout(() => this.#tick(), Math.floor(wait - 0.5))
    else setImmediate(() => this.#tick())
  }

  #handOut(): void {
    while (this.#begun < this.#due) {
      const lane = this.#free.pop() ?? this.#newLane()
      if (lane === undefined) break
      const since = this.#timeOf(this.#begun)
      this.#begun += 1
      lane.ask(since)
    }
    if (this.#begun < this.#due) {
      this.#overdue.set(
        Math.max(1, this.#timeOf(this.#begun) + this.#plan.timeoutMs - performance.now()),
      )
    } else this.#overdue.clear()
  }

  #newLane(): Lane | undefined {
    if (this.#lanes >= this.#plan.connections) return undefined
    this.#lanes += 1
    return new Lane(this.#plan, this.#tally, (lane) => {
      this.#free.push(lane)
      this.#oneEnded()
      this.#handOut()
    })
  }

  /** Those that found no connection in time are over before they began. */
  #giveUp(): void {
    const now = performance.now()
    while (this.#begun < this.#due && this.#timeOf(this.#begun) + this.#plan.timeoutMs <= now) {
      this.#tally.count('timeout', this.#timeOf(this.#begun))
      this.#begun += 1
      this.#oneEnded()
    }
    this.#handOut()
  }

  #oneEnded(): void {
    this.#ended += 1
    if (this.#ended < this.#total) return
    this.#overdue.clear()
    for (const lane of this.#free) lane.close()
    this.#done()
  }
}
