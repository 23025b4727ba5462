/**
 * Computes on other threads, so that the event loop stays free.
 *
 * A bounded number of workers, and a bounded queue before them: work that neither has room for is
 * refused at once, because a queue that can grow without end answers everybody too late.
 */
import type { Worker } from 'node:worker_threads'
import { NotImplementedError } from './not-implemented.ts'

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
  constructor(_options: CpuPoolOptions) {
    // TODO(2.6): Keep the options. No worker is started before there is work.
    // This does not throw yet, because the server makes its pool when it starts.
  }

  /** How many jobs are running. */
  get running(): number {
    throw new NotImplementedError('2.6', 'CpuPool.running')
  }

  /** How many jobs wait for a worker. */
  get waiting(): number {
    throw new NotImplementedError('2.6', 'CpuPool.waiting')
  }

  /**
   * Computes the output that a worker gives for `input`.
   *
   * Rejects with `TOO_BUSY` (503, with Retry-After) when every worker is busy and the queue is full;
   * with the reason of `signal` when that is aborted before the work has begun; with what `start` threw
   * when the worker that it needed cannot be started; and with the worker's error when the worker dies
   * of this job. Other jobs never notice: a worker that died is replaced.
   */
  run(_input: Input, _signal?: AbortSignal): Promise<Output> {
    // TODO(2.6): Find who can begin this job now: an idle worker, a new one, or nobody.
    throw new NotImplementedError('2.6', 'CpuPool.run')
  }

  /** Ends all workers, whatever they compute. Jobs that had not finished are rejected. */
  async close(): Promise<void> {
    // TODO(2.6): End all workers. This does not throw yet, because the server closes its pool when it ends.
  }
}
