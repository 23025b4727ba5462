/** Requests of one connection that are in flight, in the order in which they came. */
import { NotImplementedError } from '../level2/not-implemented.ts'

/** One request in flight. */
export interface Turn {
  /** The method only asks (RFC 9110 §9.2.1): it may run beside others. */
  readonly isSafe: boolean
  /** `reading`: its content is still coming; `received`: it may be started; `answered`: it may be sent. */
  readonly state: 'reading' | 'received' | 'running' | 'answered'
}

export interface PipelineOptions<T extends Turn> {
  /** Most turns in flight. */
  readonly most: number
  /** Starts a turn that is `received`; from then on it is `running`, or `answered` at once. */
  readonly start: (turn: T) => void
  /** Sends the answer of a turn; a promise when that takes its time. It may not reject. */
  readonly send: (turn: T) => Promise<void> | undefined
  /** Called when such a promise is settled, and everything that waited for it has been started and sent. */
  readonly onProgress: () => void
}

/**
 * Starts requests as soon as they may run, and sends their answers in the order of the requests (RFC 9112 §9.3.2).
 *
 * A request whose method is not safe waits until the answers of all before it are sent, and none is taken in after it
 * until it is answered itself: what it changes must not depend on who is quicker.
 */
export class Pipeline<T extends Turn> {
  constructor(_options: PipelineOptions<T>) {
    // TODO(3.2): Keep them, and a queue. This does not throw yet: the methods do.
  }

  /** Turns in flight. */
  get length(): number {
    throw new NotImplementedError('3.2', 'Pipeline.length')
  }

  /** Whether one more turn may be added. */
  get hasRoom(): boolean {
    // TODO(3.2): Two rules say no: how many there are, and what the last one is.
    throw new NotImplementedError('3.2', 'Pipeline.hasRoom')
  }

  /** Whether `turn` is the one that is answered next. */
  isFirst(_turn: T): boolean {
    throw new NotImplementedError('3.2', 'Pipeline.isFirst')
  }

  /** Keeps a place in the order for `turn`. */
  add(_turn: T): void {
    throw new NotImplementedError('3.2', 'Pipeline.add')
  }

  /** Starts and sends whatever may be: to be called after the state of a turn has changed. */
  advance(): void {
    // TODO(3.2): Look at the front of the queue: what are the answers behind it waiting for?
    throw new NotImplementedError('3.2', 'Pipeline.advance')
  }

  /** Drops all turns and returns them: nobody waits for their answers any more. */
  clear(): T[] {
    throw new NotImplementedError('3.2', 'Pipeline.clear')
  }
}
