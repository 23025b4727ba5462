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
 * A request whose method is not safe waits until the answers of all before it are sent, and none is taken in after it until
 * it is answered itself: what it changes must not depend on who is quicker.
 */
export class Pipeline<T extends Turn> {
  readonly #options: PipelineOptions<T>
  /** Mostly there is one turn, and it needs no array. */
  #first: T | undefined
  readonly #others: T[] = []
  #isSending = false

  constructor(options: PipelineOptions<T>) {
    this.#options = options
  }

  get length(): number {
    return this.#first === undefined ? 0 : 1 + this.#others.length
  }

  /** Whether one more turn may be added. */
  get hasRoom(): boolean {
    const last = this.#last
    return last === undefined || (last.isSafe && this.length < this.#options.most)
  }

  /** Whether `turn` is the one that is answered next. */
  isFirst(turn: T): boolean {
    return this.#first === turn
  }

  /** Keeps a place in the order for `turn`. */
  add(turn: T): void {
    if (this.#first === undefined) this.#first = turn
    else this.#others.push(turn)
  }

  /** Starts and sends whatever may be: to be called after the state of a turn has changed. */
  advance(): void {
    this.#start()
    this.#send()
  }

  /** Drops all turns and returns them: nobody waits for their answers any more. */
  clear(): T[] {
    const turns = this.#first === undefined ? [] : [this.#first, ...this.#others]
    this.#first = undefined
    this.#others.length = 0
    return turns
  }

  get #last(): T | undefined {
    return this.#others.length > 0 ? this.#others.at(-1) : this.#first
  }

  /** Only the last turn can be `received`: the others were started when they came. */
  #start(): void {
    const last = this.#last
    if (last?.state === 'received' && (last.isSafe || this.isFirst(last))) this.#options.start(last)
  }

  #send(): void {
    while (!this.#isSending) {
      const first = this.#first
      if (first?.state !== 'answered') return

      const sending = this.#options.send(first)
      if (sending !== undefined) {
        this.#isSending = true
        void sending.then(() => this.#sent(first))
        return
      }
      this.#remove(first)
      this.#start()
    }
  }

  #sent(turn: T): void {
    this.#isSending = false
    this.#remove(turn)
    this.advance()
    this.#options.onProgress()
  }

  /** `clear` may have been quicker. */
  #remove(turn: T): void {
    if (this.#first !== turn) return
    this.#first = this.#others.length > 0 ? this.#others.shift() : undefined
  }
}
