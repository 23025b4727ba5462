/**
 * Given. The vocabulary of `cases.ts`: bytes to send, and what must hold of the answer.
 *
 * The course's own tests are written in the same words.
 */

/** One experiment with a server: a conversation on a connection of its own. */
export interface Case {
  /** A fact in the present tense: `finds Host whatever its letter case`. */
  readonly title: string
  /**
   * The bytes to send. Each character is one byte: `\r\n` ends a line, `\xff` is the byte 255.
   * Several strings arrive at the server as several reads.
   */
  readonly send: string | readonly string[]
  /** `true` ends the sending direction (FIN) after the last byte. */
  readonly end?: boolean
  /** Of several, each is about one answer on the connection, in their order (level 3). */
  readonly expect: Expected | readonly Expected[]
}

/** What must hold of the answer. Whatever is left out may be anything. */
export interface Expected {
  /** The status code, or several that are all right. */
  readonly status?: number | readonly number[]
  /**
   * Fields of the answer; names match in any letter case.
   * - `'13'`: the value, exactly
   * - `['GET', 'HEAD']`: a list with these members, in any order; options of Connection in any letter case
   * - `'*'`: present, with any value
   * - `null`: absent
   */
  readonly fields?: Readonly<Record<string, string | readonly string[] | null>>
  /** The content, each character one byte: `é` in UTF-8 is `\xc3\xa9`. `''` is no content. */
  readonly content?: string
  /** `true`: the server ends the connection after its answer with FIN, not with a reset. */
  readonly closes?: true
  /** `true`: afterwards a new client still gets 200 for `GET /`. */
  readonly serves?: true
  /** Of several answers, one to HEAD has to be told: it ends with its header section. */
  readonly to?: 'HEAD'
}
