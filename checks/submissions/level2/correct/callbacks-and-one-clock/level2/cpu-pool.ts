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

interface Job<Input, Output> {
  readonly input: Input
  readonly signal: AbortSignal | undefined
  readonly resolve: (output: Output) => void
  readonly reject: (reason: unknown) => void
  readonly leave: () => void
}

/** Runs jobs on worker threads, in the order in which they came. */
export class CpuPool<Input, Output> {
  readonly #options: CpuPoolOptions
  /** A Set keeps the order in which things came, and gives up any of them at once. */
  readonly #queue = new Set<Job<Input, Output>>()
  readonly #hands = new Set<Hand<Input, Output>>()
  #isClosed = false

  constructor(options: CpuPoolOptions) {
    this.#options = options
  }

  /** How many jobs are running. */
  get running(): number {
    let n = 0
    for (const hand of this.#hands) if (hand.job !== undefined) n += 1
    return n
  }

  /** How many jobs wait for a worker. */
  get waiting(): number {
    return this.#queue.size
  }

  run(input: Input, signal?: AbortSignal): Promise<Output> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) return reject(new Error('The pool is closed.'))
      if (signal?.aborted) return reject(signal.reason)
      if (this.running >= this.#options.size && this.#queue.size >= this.#options.maxQueue) {
        return reject(new RequestError('TOO_BUSY', { headers: { 'Retry-After': '1' } }))
      }
      const job: Job<Input, Output> = {
        input,
        signal,
        resolve,
        reject,
        leave: () => {
          if (this.#queue.delete(job)) reject(signal?.reason)
          // It has begun: it may run to its end, but nobody waits for it.
          else for (const hand of this.#hands) if (hand.job === job) hand.worker.unref()
        },
      }
      signal?.addEventListener('abort', job.leave, { once: true })
      this.#queue.add(job)
      this.#handOut()
      return undefined
    })
  }

  /** Ends all workers, whatever they compute. Jobs that had not finished are rejected. */
  close(): Promise<void> {
    this.#isClosed = true
    const reason = new Error('The pool was closed.')
    for (const job of this.#queue) settle(job, () => job.reject(reason))
    this.#queue.clear()
    const ends = [...this.#hands].map((hand) => {
      hand.dismiss(reason)
      return hand.worker.terminate()
    })
    this.#hands.clear()
    return Promise.all(ends).then(() => undefined)
  }

  #handOut(): void {
    for (const job of this.#queue) {
      let hand: Hand<Input, Output> | undefined
      for (const one of this.#hands) {
        if (one.job === undefined) {
          hand = one
          break
        }
      }
      if (hand === undefined) {
        if (this.#hands.size >= this.#options.size) return
        this.#queue.delete(job)
        try {
          hand = this.#hire()
        } catch (thrown) {
          settle(job, () => job.reject(thrown))
          continue
        }
      }
      this.#queue.delete(job)
      hand.take(job)
    }
  }

  #hire(): Hand<Input, Output> {
    const hand = new Hand<Input, Output>(this.#options.start(), (isAlive) => {
      if (!isAlive) this.#hands.delete(hand)
      if (!this.#isClosed) this.#handOut()
    })
    this.#hands.add(hand)
    return hand
  }
}

/** One worker, and the job it has. */
class Hand<Input, Output> {
  job: Job<Input, Output> | undefined
  readonly worker: Worker
  readonly #onFree: (isAlive: boolean) => void
  #isDead = false

  constructor(worker: Worker, onFree: (isAlive: boolean) => void) {
    this.worker = worker
    this.#onFree = onFree
    worker.unref()
    worker.on('message', (output: Output) => this.#end((job) => job.resolve(output), true))
    worker.on('messageerror', (error) => this.#die(error))
    worker.on('error', (error) => this.#die(error))
    worker.on('exit', (code) => this.#die(new Error(`The worker exited with code ${code}.`)))
  }

  take(job: Job<Input, Output>): void {
    this.job = job
    // Somebody waits for this: the process may not end before it is done.
    this.worker.ref()
    try {
      this.worker.postMessage(job.input)
    } catch (error) {
      // What cannot be cloned never reached the worker.
      queueMicrotask(() => {
        if (this.job === job) this.#end(() => job.reject(error), true)
      })
    }
  }

  dismiss(reason: unknown): void {
    const job = this.job
    this.#isDead = true
    this.job = undefined
    if (job !== undefined) settle(job, () => job.reject(reason))
  }

  #die(reason: unknown): void {
    if (this.#isDead) return
    this.#isDead = true
    void this.worker.terminate()
    this.#end((job) => job.reject(reason), false)
  }

  #end(how: (job: Job<Input, Output>) => void, isAlive: boolean): void {
    const job = this.job
    if (isAlive && (this.#isDead || job === undefined)) return
    this.job = undefined
    this.worker.unref()
    if (job !== undefined) settle(job, () => how(job))
    this.#onFree(isAlive)
  }
}

function settle<Input, Output>(job: Job<Input, Output>, how: () => void): void {
  job.signal?.removeEventListener('abort', job.leave)
  how()
}
