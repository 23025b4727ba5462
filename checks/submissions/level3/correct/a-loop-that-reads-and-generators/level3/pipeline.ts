export interface Turn {
  readonly isSafe: boolean
  readonly state: 'reading' | 'received' | 'running' | 'answered'
}

export interface PipelineOptions<T extends Turn> {
  readonly most: number
  readonly start: (turn: T) => void
  readonly send: (turn: T) => Promise<void> | undefined
  readonly onProgress: () => void
}

/** A list whose front is being sent; `#front` is what its sender was given, so that an old sender finds out. */
export class Pipeline<T extends Turn> {
  readonly #options: PipelineOptions<T>
  #turns: readonly T[] = []
  #inHand: T | undefined
  #depth = 0
  #isStale = false

  constructor(options: PipelineOptions<T>) {
    this.#options = options
  }

  get length(): number {
    return this.#turns.length
  }

  get hasRoom(): boolean {
    const last = this.#turns.at(-1)
    const isBlocked = last !== undefined && !last.isSafe && last.state !== 'answered'
    return !isBlocked && this.length < (this.#options.most || 1)
  }

  isFirst(turn: T): boolean {
    return this.#turns.indexOf(turn) === 0
  }

  add(turn: T): void {
    this.#turns = [...this.#turns, turn]
  }

  advance(): void {
    this.#isStale = true
    if (this.#depth > 0) return
    this.#depth++
    while (this.#isStale) {
      this.#isStale = false
      const due = this.#turns.find(
        ({ isSafe, state }, at) => state === 'received' && (isSafe || at === 0),
      )
      if (due !== undefined) {
        this.#options.start(due)
        this.#isStale = true
        continue
      }
      const [front] = this.#turns
      if (front?.state !== 'answered' || this.#inHand !== undefined) continue
      this.#inHand = front
      const sending = this.#options.send(front)
      if (sending === undefined) this.#isSent(front)
      else
        void sending.then(() => {
          if (!this.#isSent(front)) return
          this.advance()
          this.#options.onProgress()
        })
    }
    this.#depth--
  }

  #isSent(turn: T): boolean {
    if (this.#inHand !== turn) return false
    this.#inHand = undefined
    this.#turns = this.#turns.slice(1)
    this.#isStale = true
    return true
  }

  clear(): T[] {
    const turns = [...this.#turns]
    this.#turns = []
    this.#inHand = undefined
    return turns
  }
}
