/** How long a client has let us wait for one thing, in all. The watch stands still while the client waits for us. */
export class StopWatch {
  #of = -1
  #spentMs = 0
  #startedAt: number | undefined

  /** Runs on; from the beginning when it is about another thing than before. */
  run(of: number): void {
    const now = performance.now()
    if (of !== this.#of) {
      this.#of = of
      this.#spentMs = 0
      this.#startedAt = now
    }
    this.#startedAt ??= now
  }

  stop(): void {
    if (this.#startedAt === undefined) return
    this.#spentMs += performance.now() - this.#startedAt
    this.#startedAt = undefined
  }

  elapsedMs(now: number): number {
    return this.#spentMs + (this.#startedAt === undefined ? 0 : now - this.#startedAt)
  }
}
