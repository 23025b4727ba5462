import type { Worker } from 'node:worker_threads'
import { RequestError } from './errors.ts'

export interface CpuPoolOptions {
  readonly start: () => Worker
  readonly size: number
  readonly maxQueue: number
}

interface Job<Input, Output> {
  input: Input
  resolve: (output: Output) => void
  reject: (reason: unknown) => void
  signal: AbortSignal | undefined
  forget: () => void
}

/** A slot for each worker that may be; a slot has a worker from its first job on. */
class Slot<Input, Output> {
  worker: Worker | undefined
  job: Job<Input, Output> | undefined
}

export class CpuPool<Input, Output> {
  #options: CpuPoolOptions
  #slots: Slot<Input, Output>[] = []
  #queue: Job<Input, Output>[] = []
  #closed = false

  constructor(options: CpuPoolOptions) {
    this.#options = options
  }

  get running(): number {
    return this.#slots.filter(({ job }) => job !== undefined).length
  }

  get waiting(): number {
    return this.#queue.length
  }

  run(input: Input, signal?: AbortSignal): Promise<Output> {
    if (this.#closed) return Promise.reject(new Error('The pool is closed.'))
    if (signal?.aborted) return Promise.reject(signal.reason as Error)
    const { promise, resolve, reject } = Promise.withResolvers<Output>()
    const job: Job<Input, Output> = { input, resolve, reject, signal, forget: () => {} }
    const free = this.#slots.find((slot) => slot.job === undefined)
    if (free !== undefined) this.#begin(free, job)
    else if (this.#slots.length < this.#options.size) {
      const slot = new Slot<Input, Output>()
      this.#slots.push(slot)
      this.#begin(slot, job)
    } else if (this.#queue.length < this.#options.maxQueue) {
      const left = () => {
        this.#queue = this.#queue.filter((other) => other !== job)
        reject(signal?.reason)
      }
      signal?.addEventListener('abort', left, { once: true })
      job.forget = () => signal?.removeEventListener('abort', left)
      this.#queue.push(job)
    } else reject(new RequestError('TOO_BUSY', { headers: { 'Retry-After': '1' } }))
    return promise
  }

  #begin(slot: Slot<Input, Output>, job: Job<Input, Output>): void {
    job.forget()
    slot.job = job
    try {
      slot.worker ??= this.#hire(slot)
      slot.worker.postMessage(job.input)
    } catch (error) {
      slot.job = undefined
      job.reject(error)
      this.#next(slot)
    }
  }

  #hire(slot: Slot<Input, Output>): Worker {
    const worker = this.#options.start()
    const isCurrent = () => slot.worker === worker
    worker.on('message', (output: Output) => {
      if (!isCurrent()) return
      const { job } = slot
      slot.job = undefined
      job?.resolve(output)
      this.#next(slot)
    })
    const gone = (why: unknown) => {
      if (!isCurrent()) return
      const { job } = slot
      slot.worker = undefined
      slot.job = undefined
      job?.reject(why)
      this.#next(slot)
    }
    worker.on('error', gone)
    worker.on('messageerror', gone)
    worker.on('exit', (code) => gone(new Error(`A worker ended with code ${code}.`)))
    // Listening refs it again.
    worker.unref()
    return worker
  }

  #next(slot: Slot<Input, Output>): void {
    if (this.#closed || slot.job !== undefined) return
    const job = this.#queue.shift()
    if (job !== undefined) this.#begin(slot, job)
  }

  async close(): Promise<void> {
    this.#closed = true
    const ended = new Error('The pool is closed.')
    for (const job of this.#queue.splice(0)) {
      job.forget()
      job.reject(ended)
    }
    await Promise.all(
      this.#slots.map((slot) => {
        const { worker, job } = slot
        slot.worker = undefined
        slot.job = undefined
        job?.reject(ended)
        return worker?.terminate()
      }),
    )
  }
}
