/** Given. What the unfinished parts of a starter throw. */

/** Thrown by the body that you are to write: says what it is, which task, and where the hints are. */
export class NotImplementedError extends Error {
  override readonly name = 'NotImplementedError'

  constructor(task: string, what: string) {
    super(`${what} is yours to write (task ${task}); hints: HINTS.md, "Task ${task}"`)
    // Whoever catches it may keep it for themselves: a handler's becomes a 500.
    process.stderr.write(`${this.name}: ${this.message}\n`)
  }
}
