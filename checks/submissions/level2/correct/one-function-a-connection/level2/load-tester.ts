/**
 * Asks a server for the same thing again and again, and measures how it answers.
 *
 * Closed loop: each connection sends its next request when the answer to the last one is there. When the
 * server is slow, so is the load. Open loop (`rate`): requests start on a schedule, whether the server keeps
 * up or not, and their latency counts from the time in the schedule: a request that had to wait for a
 * connection has waited.
 */
import { connect, type Socket } from 'node:net'

/** What to ask for, how often, and for how long. */
export interface LoadOptions {
  /** `http://127.0.0.1:8080/work` */
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
  readonly headers?: Readonly<Record<string, string>>
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

type Outcome = 'success' | ErrorKind

interface Plan {
  host: string
  port: number
  message: Buffer
  method: string
  timeoutMs: number
  isRight: (status: number) => boolean
}

export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const plan = planOf(options)
  const { connections = 10, seconds = Infinity, requests = Infinity, rate } = options
  const errors: Record<ErrorKind, number> = {
    connect: 0,
    reset: 0,
    timeout: 0,
    'early-close': 0,
    'wrong-status': 0,
  }
  const latencies: number[] = []
  const idle: Line[] = []
  const begun = performance.now()
  let [ended, lastEnd, lastSuccess] = [0, begun, begun]

  const ask = async (fromMs: number): Promise<void> => {
    const line = takeIdle(idle) ?? new Line(plan)
    const outcome = await line.ask(fromMs)
    const now = performance.now()
    ended++
    lastEnd = now
    if (outcome === 'success') {
      latencies.push(now - fromMs)
      lastSuccess = now
    } else errors[outcome]++
    if (line.isReusable) idle.push(line)
    else line.close()
  }

  if (rate === undefined) {
    let started = 0
    const mayStart = () => started < requests && performance.now() - begun < seconds * 1000
    await Promise.all(
      Array.from({ length: Math.min(connections, requests) }, async () => {
        while (mayStart()) {
          started++
          await ask(performance.now())
        }
      }),
    )
  } else {
    const total = Math.min(requests, Math.round(rate * seconds))
    const due: number[] = []
    let [scheduled, busy] = [0, 0]
    await new Promise<void>((resolve) => {
      const dispatch = () => {
        while (due.length > 0 && busy < connections) {
          const fromMs = due.shift() ?? 0
          busy++
          void ask(fromMs).then(() => {
            busy--
            dispatch()
            if (ended === total) resolve()
          })
        }
      }
      const tick = () => {
        const now = performance.now()
        while (scheduled < total && begun + (scheduled / rate) * 1000 <= now) {
          due.push(begun + (scheduled / rate) * 1000)
          scheduled++
        }
        dispatch()
        if (scheduled < total)
          setTimeout(tick, Math.max(0, begun + (scheduled / rate) * 1000 - performance.now()))
        else if (total === 0) resolve()
      }
      tick()
    })
  }
  for (const line of idle) line.close()

  const measured =
    options.seconds === undefined
      ? (lastEnd - begun) / 1000
      : Math.max(options.seconds, (lastSuccess - begun) / 1000)
  latencies.sort((a, b) => a - b)
  const at = (share: number) => latencies[Math.max(0, Math.ceil(share * latencies.length) - 1)] ?? 0
  return {
    requests: ended,
    successes: latencies.length,
    errors,
    seconds: measured,
    requestsPerSecond: measured > 0 ? latencies.length / measured : 0,
    latencyMs: { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: latencies.at(-1) ?? 0 },
  }
}

function planOf(options: LoadOptions): Plan {
  const {
    url,
    connections,
    seconds,
    requests,
    rate,
    timeoutMs = 10_000,
    method = 'GET',
    expectedStatus,
  } = options
  const target = URL.canParse(url) ? new URL(url) : undefined
  if (target?.protocol !== 'http:')
    throw new TypeError(`The url must begin with http://, but it is "${url}".`)
  const positive = (name: string, value: number | undefined, whole: boolean) => {
    if (value === undefined) return
    if (!(value > 0) || !Number.isFinite(value) || (whole && !Number.isInteger(value)))
      throw new TypeError(
        `${name} must be a positive${whole ? ' whole' : ''} number, but it is ${value}.`,
      )
  }
  positive('connections', connections, true)
  positive('seconds', seconds, false)
  positive('requests', requests, true)
  positive('rate', rate, false)
  positive('timeoutMs', timeoutMs, false)
  if (seconds === undefined && requests === undefined)
    throw new TypeError('One of seconds and requests is needed.')
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(method))
    throw new TypeError(`"${method}" is no method.`)
  const content = Buffer.from(options.content ?? '')
  const headers = new Map<string, string>([['host', target.host]])
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name) || /[\r\n\0]/.test(value))
      throw new TypeError(`The field "${name}" cannot be sent.`)
    headers.set(name.toLowerCase(), value)
  }
  if (options.content !== undefined) headers.set('content-length', String(content.length))
  const lines = [
    `${method} ${target.pathname}${target.search} HTTP/1.1`,
    ...[...headers].map(([name, value]) => `${name}: ${value}`),
  ]
  return {
    host: target.hostname.replace(/^\[|\]$/g, ''),
    port: Number(target.port || 80),
    message: Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), content]),
    method,
    timeoutMs,
    isRight: (status) =>
      expectedStatus === undefined ? status >= 200 && status < 300 : status === expectedStatus,
  }
}

function takeIdle(idle: Line[]): Line | undefined {
  for (;;) {
    const line = idle.pop()
    if (line === undefined || line.isReusable) return line
    line.close()
  }
}

/** A connection, and the one request that it may carry. */
class Line {
  isReusable = false
  #plan: Plan
  #socket: Socket | undefined
  #bytes: Buffer = Buffer.alloc(0)
  #settle: ((outcome: Outcome) => void) | undefined
  #hasEnded = false

  constructor(plan: Plan) {
    this.#plan = plan
  }

  close(): void {
    this.isReusable = false
    this.#socket?.destroy()
  }

  async ask(fromMs: number): Promise<Outcome> {
    this.isReusable = false
    const { host, port, message, timeoutMs } = this.#plan
    let timer: NodeJS.Timeout | undefined
    const outcome = await new Promise<Outcome>((resolve) => {
      this.#settle = resolve
      timer = setTimeout(
        () => resolve('timeout'),
        Math.max(0, fromMs + timeoutMs - performance.now()),
      )
      if (this.#socket === undefined) this.#open(host, port)
      this.#socket?.write(message)
    })
    clearTimeout(timer)
    this.#settle = undefined
    if (outcome === 'timeout') this.close()
    return outcome
  }

  #open(host: string, port: number): void {
    let connected = false
    this.#socket = connect({ host, port, noDelay: true })
      .on('connect', () => (connected = true))
      .on('data', (bytes: Buffer) => {
        this.#bytes = this.#bytes.length === 0 ? bytes : Buffer.concat([this.#bytes, bytes])
        this.#look()
      })
      .on('end', () => {
        this.#hasEnded = true
        this.isReusable = false
        this.#look()
        this.#settle?.('early-close')
      })
      .on('error', () => {
        this.isReusable = false
        this.#settle?.(connected ? 'reset' : 'connect')
      })
      .on('close', () => {
        this.isReusable = false
        this.#settle?.('reset')
      })
  }

  #look(): void {
    if (this.#settle === undefined) {
      // Nobody has asked.
      if (this.#bytes.length > 0) this.close()
      return
    }
    const answer = readAnswer(this.#bytes, this.#plan.method, this.#hasEnded)
    if (answer === undefined) return
    if (answer === 'garbage') {
      this.#settle('wrong-status')
      return this.close()
    }
    this.#bytes = this.#bytes.subarray(answer.length)
    this.isReusable = answer.keepsOpen && !this.#hasEnded && this.#bytes.length === 0
    this.#settle(this.#plan.isRight(answer.status) ? 'success' : 'wrong-status')
  }
}

interface Answer {
  status: number
  length: number
  keepsOpen: boolean
}

function readAnswer(
  bytes: Buffer,
  method: string,
  hasEnded: boolean,
): Answer | 'garbage' | undefined {
  let start = 0
  for (;;) {
    const beginning = bytes.toString('latin1', start, start + 9)
    if (!'HTTP/1.0 '.startsWith(beginning) && !'HTTP/1.1 '.startsWith(beginning)) return 'garbage'
    const end = bytes.indexOf('\r\n\r\n', start)
    if (end === -1) return undefined
    const [statusLine = '', ...lines] = bytes.toString('latin1', start, end).split('\r\n')
    const found = /^HTTP\/1\.([01]) (\d{3})(?: |$)/.exec(statusLine)
    if (found === null) return 'garbage'
    const status = Number(found[2])
    start = end + 4
    if (status < 200) continue
    const fields = new Map<string, string>()
    for (const line of lines) {
      const colon = line.indexOf(':')
      if (colon < 1) return 'garbage'
      const name = line.slice(0, colon).toLowerCase()
      const before = fields.get(name)
      const value = line.slice(colon + 1).trim()
      fields.set(name, before === undefined ? value : `${before}, ${value}`)
    }
    const options = (fields.get('connection') ?? '')
      .toLowerCase()
      .split(',')
      .map((each) => each.trim())
    const keepsOpen =
      !options.includes('close') && (found[1] === '1' || options.includes('keep-alive'))
    if (method === 'HEAD' || status === 204 || status === 304)
      return { status, length: start, keepsOpen }
    const coding = fields.get('transfer-encoding')?.toLowerCase()
    if (coding !== undefined) {
      if (!/(^|,)\s*chunked$/.test(coding))
        return hasEnded ? { status, length: bytes.length, keepsOpen: false } : undefined
      const after = endOfChunks(bytes, start)
      if (after === undefined || after === 'garbage') return after
      return { status, length: after, keepsOpen }
    }
    const announced = fields.get('content-length')
    if (announced === undefined)
      return hasEnded ? { status, length: bytes.length, keepsOpen: false } : undefined
    if (!/^\d+$/.test(announced)) return 'garbage'
    const length = start + Number(announced)
    return bytes.length < length ? undefined : { status, length, keepsOpen }
  }
}

function endOfChunks(bytes: Buffer, start: number): number | 'garbage' | undefined {
  for (let at = start; ;) {
    const lineEnd = bytes.indexOf('\r\n', at)
    if (lineEnd === -1) return undefined
    const size = /^([0-9a-f]+)[ \t]*(?:;.*)?$/i.exec(bytes.toString('latin1', at, lineEnd))?.[1]
    if (size === undefined) return 'garbage'
    at = lineEnd + 2
    const length = parseInt(size, 16)
    if (length === 0) {
      for (;;) {
        const end = bytes.indexOf('\r\n', at)
        if (end === -1) return undefined
        if (end === at) return end + 2
        at = end + 2
      }
    }
    if (bytes.length < at + length + 2) return undefined
    if (bytes.toString('latin1', at + length, at + length + 2) !== '\r\n') return 'garbage'
    at += length + 2
  }
}
