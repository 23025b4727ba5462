/** Requests of one connection that are in flight, in the order in which they came. */
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

export class Pipeline<T extends Turn> {
  #options: PipelineOptions<T>
  #turns: T[] = []
  #sending = false
  #busy = false
  #again = false
  #generation = 0

  constructor(options: PipelineOptions<T>) {
    this.#options = options
  }

  get length(): number {
    return this.#turns.length
  }

  get hasRoom(): boolean {
    const last = this.#turns.at(-1)
    if (last && !last.isSafe && last.state !== 'answered') return false
    return this.#turns.length < Math.max(1, this.#options.most)
  }

  isFirst(turn: T): boolean {
    return this.#turns[0] === turn
  }

  add(turn: T): void {
    this.#turns.push(turn)
  }

  advance(): void {
    if (this.#busy) {
      this.#again = true
      return
    }
    this.#busy = true
    do {
      this.#again = false
      this.#startAll()
      const first = this.#turns[0]
      if (first && first.state === 'answered' && !this.#sending) {
        const sent = this.#options.send(first)
        if (sent === undefined) {
          if (this.#turns[0] === first) this.#turns.shift()
        } else {
          this.#sending = true
          const generation = this.#generation
          void sent.then(() => {
            if (generation !== this.#generation) return
            this.#sending = false
            this.#turns.shift()
            this.advance()
            this.#options.onProgress()
          })
        }
        this.#again = true
      }
    } while (this.#again)
    this.#busy = false
  }

  #startAll(): void {
    for (const [index, turn] of [...this.#turns].entries())
      if (turn.state === 'received' && (turn.isSafe || index === 0)) this.#options.start(turn)
  }

  clear(): T[] {
    this.#generation++
    this.#sending = false
    return this.#turns.splice(0)
  }
}
