/** What a failed test tells: what was done, what was expected, what came instead, and why that is wrong. */
export interface Failure {
  /** The conversation, numbered from 0 when shown. */
  readonly steps: readonly string[]
  readonly expected: string
  readonly received: string
  /** The reason, with its section: `HTTP/1.1 connections persist (RFC 9112 §9.3)`. */
  readonly why?: string
  /** Settings that the server was started with: `MAX_CONTENT_BYTES=10`. */
  readonly settings?: string
  /** A shell line that repeats it. */
  readonly repeat?: string
  /** The last lines of the server's stderr. */
  readonly stderr?: string
  /** A hidden test's failure that may be told: it holds counts and the learner's own work, and nothing of the test's. */
  readonly open?: true
}

/** A fact about the submission that does not hold. Any other error thrown by a test is a fault of ours. */
export class Expectation extends Error {
  override readonly name = 'Expectation'
  readonly failure: Failure

  constructor(failure: Failure) {
    super(`Expected: ${failure.expected}\nReceived: ${failure.received}`)
    this.failure = failure
  }
}

/** What a test builds on does not hold, so that the test says nothing: not counted twice. */
export class Blocked extends Error {
  override readonly name = 'Blocked'
  /** The task, or the fault, that blocks. */
  readonly by: string

  constructor(by: string, message: string) {
    super(message)
    this.by = by
  }
}

/**
 * Names of the errors that our own code throws when it meets a value of another kind than it was told. In a test that
 * works on what a module of the submission returned, they are about the submission.
 */
export const otherKind: ReadonlySet<string> = new Set(['TypeError', 'RangeError', 'SyntaxError'])
