/**
 * Asks a server for the same thing again and again, and measures how it answers.
 *
 * Closed loop: each connection sends its next request when the answer to the last one is there. When the
 * server is slow, so is the load. Open loop (`rate`): requests start on a schedule, whether the server keeps
 * up or not, and their latency counts from the time in the schedule: a request that had to wait for a
 * connection has waited.
 */
import { NotImplementedError } from './not-implemented.ts'

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
export async function runLoad(_options: LoadOptions): Promise<LoadResult> {
  // TODO(2.8): Open one connection, send one request, and find where its answer ends.
  throw new NotImplementedError('2.8', 'runLoad')
}
