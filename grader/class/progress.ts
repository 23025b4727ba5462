/** What somebody sees who waits for a class: a line for each submission, and how long it will take. */
import { plain } from '../report/plain.ts'
import type { Result } from '../result.ts'

export class Progress {
  readonly #stream: NodeJS.WriteStream
  readonly #all: number
  readonly #startedAt = Date.now()
  #done = 0

  constructor(stream: NodeJS.WriteStream, all: number) {
    this.#stream = stream
    this.#all = all
  }

  graded(id: string, { score, start, faults, complete }: Result, durationMs: number): void {
    this.#done++
    const place = `[${String(this.#done).padStart(String(this.#all).length)} of ${this.#all}]`
    const points = `${score.earned} of ${score.possible}`
    const remarks = [
      ...(start === null ? [] : [start.code]),
      ...(faults.length === 0 ? [] : ['a fault of the grader']),
      ...(complete ? [] : ['not complete']),
      duration(durationMs),
    ]
    this.#line(`${place} ${plain(id)}  ${points}  (${remarks.join(', ')})${this.#left()}`)
    if (this.#stream.isTTY) this.#stream.write(`\x1b[2K${this.#done} of ${this.#all} …\r`)
  }

  /** Ends the line that is rewritten on a terminal. */
  end(): void {
    if (this.#stream.isTTY) this.#stream.write('\x1b[2K\r')
  }

  #line(text: string): void {
    this.#stream.write(`${this.#stream.isTTY ? '\x1b[2K' : ''}${text}\n`)
  }

  /** By the pace so far. */
  #left(): string {
    const left = this.#all - this.#done
    if (left === 0) return ''
    return `  about ${duration(((Date.now() - this.#startedAt) / this.#done) * left)} left`
  }
}

/** `41 s`, `12 min`, `3 h 5 min` */
export function duration(ms: number): string {
  const seconds = Math.round(ms / 1000)
  if (seconds < 100) return `${seconds} s`
  const minutes = Math.round(seconds / 60)
  return minutes < 100 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
