/**
 * Computes on other threads, so that the event loop stays free.
 *
 * A bounded number of workers, and a bounded queue before them: work that neither has room for is
 * refused at once, because a queue that can grow without end answers everybody too late.
 */
import type { Worker } from 'node:worker_threads'
import { RequestError } from './errors.ts'

/** How much a pool may hold. */
export interface CpuPoolOptions {
  /** Starts one worker. It answers each message with one message: input in, output out. */
  readonly start: () => Worker
  /** Most workers that run at once (1 or more). One is started when a job finds none idle. */
  readonly size: number
  /** Most jobs that wait for a worker; 0 means that none may wait. */
  readonly maxQueue: number
}

/** Runs jobs on worker threads, in the order in which they came. */
export class CpuPool<Input, Output> {
  readonly #options: CpuPoolOptions
  readonly #idle: Worker[] = []
  /** What each worker that lives is doing; `undefined` when it is idle. */
  readonly #jobs = new Map<Worker, Job<Input, Output> | undefined>()
  /** In the order of arrival; a set, so that one whose client left is taken out at once. */
  readonly #waiting = new Set<Job<Input, Output>>()
  #isClosed = false

  constructor(options: CpuPoolOptions) {
    this.#options = options
  }

  /** How many jobs are running. */
  get running(): number {
    return this.#jobs.size - this.#idle.length
  }

  /** How many jobs wait for a worker. */
  get waiting(): number {
    return this.#waiting.size
  }

  /**
   * Computes the output that a worker gives for `input`.
   *
   * Rejects with `TOO_BUSY` (503, with Retry-After) when every worker is busy and the queue is full;
   * with the reason of `signal` when that is aborted before the work has begun; with what `start` threw
   * when the worker that it needed cannot be started; and with the worker's error when the worker dies
   * of this job. Other jobs never notice: a worker that died is replaced.
   */
  run(input: Input, signal?: AbortSignal): Promise<Output> {
    const { promise, resolve, reject } = Promise.withResolvers<Output>()
    if (this.#isClosed) reject(new Error('The pool is closed.'))
    else if (signal?.aborted) reject(signal.reason)
    else this.#accept({ input, resolve, reject }, signal)
    return promise
  }

  /** Ends all workers, whatever they compute. Jobs that had not finished are rejected. */
  async close(): Promise<void> {
    this.#isClosed = true
    for (const job of this.#waiting) job.reject(new Error('The pool is closed.'))
    this.#waiting.clear()
    await Promise.all([...this.#jobs.keys()].map((worker) => worker.terminate()))
  }

  #accept(job: Job<Input, Output>, signal: AbortSignal | undefined): void {
    this.#waiting.add(job)
    this.#serve()
    if (!this.#waiting.has(job)) return
    if (this.#waiting.size > this.#options.maxQueue) {
      this.#waiting.delete(job)
      // It will pass, and the client is told when to try again (RFC 9110 §15.6.4, §10.2.3).
      return job.reject(new RequestError('TOO_BUSY', { headers: { 'Retry-After': '1' } }))
    }
    if (signal !== undefined) this.#dropOnAbort(job, signal)
  }

  #dropOnAbort(job: Job<Input, Output>, signal: AbortSignal): void {
    const drop = () => {
      this.#waiting.delete(job)
      job.reject(signal.reason)
    }
    signal.addEventListener('abort', drop, { once: true })
    job.begun = () => signal.removeEventListener('abort', drop)
  }

  /** Begins as many jobs as there are workers for. */
  #serve(): void {
    for (const job of this.#waiting) {
      let worker: Worker | undefined
      try {
        worker = this.#idle.pop() ?? this.#startWorker()
        if (worker === undefined) return
        worker.postMessage(job.input)
        this.#jobs.set(worker, job)
      } catch (error) {
        if (worker !== undefined) this.#park(worker)
        job.reject(error)
      }
      this.#waiting.delete(job)
      job.begun?.()
    }
  }

  #startWorker(): Worker | undefined {
    if (this.#jobs.size >= this.#options.size) return undefined
    const worker = this.#options.start()
    worker.on('message', (output: Output) => this.#finish(worker, output))
    worker.on('error', (error) => this.#bury(worker, error))
    worker.on('exit', (code) => this.#bury(worker, new Error(`A worker ended with code ${code}.`)))
    // Work that nobody waits for must not hold the exit of the process. Listening to 'message' would
    // take this back, so it comes last.
    worker.unref()
    return worker
  }

  #finish(worker: Worker, output: Output): void {
    const job = this.#jobs.get(worker)
    if (job === undefined) return
    job.resolve(output)
    this.#park(worker)
    this.#serve()
  }

  #park(worker: Worker): void {
    this.#jobs.set(worker, undefined)
    this.#idle.push(worker)
  }

  /** A worker that died takes its own job with it, and nothing else. */
  #bury(worker: Worker, error: unknown): void {
    if (!this.#jobs.has(worker)) return
    this.#jobs.get(worker)?.reject(error)
    this.#jobs.delete(worker)
    const place = this.#idle.indexOf(worker)
    if (place !== -1) this.#idle.splice(place, 1)
    if (!this.#isClosed) this.#serve()
  }
}

interface Job<Input, Output> {
  readonly input: Input
  readonly resolve: (output: Output) => void
  readonly reject: (reason: unknown) => void
  /** Called when a worker takes the job out of the queue. */
  begun?: () => void
}
