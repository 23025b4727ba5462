/** Requests of one connection that are in flight, in the order in which they came. */
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
  readonly #options: PipelineOptions<T>
  readonly #most: number
  #queue: T[] = []
  #isSending = false
  #isAdvancing = false
  #hasNews = false

  constructor(options: PipelineOptions<T>) {
    this.#options = options
    this.#most = Math.max(1, options.most)
  }

  /** Turns in flight. */
  get length(): number {
    return this.#queue.length
  }

  /** Whether one more turn may be added. */
  get hasRoom(): boolean {
    if (this.#queue.length >= this.#most) return false
    const last = this.#queue.at(-1)
    return last === undefined || last.isSafe || last.state === 'answered'
  }

  /** Whether `turn` is the one that is answered next. */
  isFirst(turn: T): boolean {
    return this.#queue[0] === turn
  }

  /** Keeps a place in the order for `turn`. */
  add(turn: T): void {
    this.#queue.push(turn)
  }

  /** Starts and sends whatever may be: to be called after the state of a turn has changed. */
  advance(): void {
    this.#hasNews = true
    // Whoever is called from in here may call again: one loop, no depth.
    if (this.#isAdvancing) return
    this.#isAdvancing = true
    try {
      while (this.#hasNews) {
        this.#hasNews = false
        this.#startThose()
        this.#sendFirst()
      }
    } finally {
      this.#isAdvancing = false
    }
  }

  /** Drops all turns and returns them: nobody waits for their answers any more. */
  clear(): T[] {
    const dropped = this.#queue
    this.#queue = []
    this.#isSending = false
    return dropped
  }

  #startThose(): void {
    const queue = this.#queue
    for (let i = 0; i < queue.length && queue === this.#queue; i += 1) {
      const turn = queue[i] as T
      if (turn.state === 'received' && (turn.isSafe || i === 0)) this.#options.start(turn)
      if (!turn.isSafe && turn.state !== 'answered') return
    }
  }

  #sendFirst(): void {
    const turn = this.#queue[0]
    if (this.#isSending || turn === undefined || turn.state !== 'answered') return
    this.#isSending = true
    const sent = this.#options.send(turn)
    if (sent === undefined) {
      this.#leave(turn)
      return
    }
    const queue = this.#queue
    const settled = () => {
      // It was dropped meanwhile: what is in the queue now is not its business.
      if (queue !== this.#queue || queue[0] !== turn) return
      this.#leave(turn)
      this.advance()
      this.#options.onProgress()
    }
    sent.then(settled, settled)
  }

  #leave(turn: T): void {
    if (this.#queue[0] !== turn) return
    this.#queue.shift()
    this.#isSending = false
    this.#hasNews = true
  }
}
