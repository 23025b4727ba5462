/** A section of field lines, up to its empty line: the one of the header, and the one of a trailer. */
import { Chain } from '../level1/chain.ts'
import { trimmed } from '../level1/server.ts'
import { RequestError } from './errors.ts'

const LF = 10
const lineOf = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[^\0\r\n]*$/

export type Field = readonly [name: string, value: string]

export class FieldSection {
  isComplete = false
  readonly #most: number
  readonly #keep: boolean
  #bytes = 0
  #line = new Chain()
  #isBad = false
  #fields: Field[] = []

  /** `keep` false: the lines are looked at and forgotten. */
  constructor(most: number, keep: boolean) {
    this.#most = most
    this.#keep = keep
  }

  /** Nothing more fits, and it has not ended. To be asked once before the first byte, too. */
  get isOver(): boolean {
    return !this.isComplete && this.#bytes >= this.#most
  }

  /** @throws {RequestError} FIELD_SECTION_TOO_LARGE as soon as that is certain */
  push(bytes: Buffer, start: number): number {
    let at = start
    while (at < bytes.length && !this.isComplete) {
      const lf = bytes.indexOf(LF, at)
      const end = lf < 0 ? bytes.length : lf + 1
      if (this.#bytes + end - at > this.#most) throw new RequestError('FIELD_SECTION_TOO_LARGE')
      this.#bytes += end - at
      if (lf < 0) this.#line.append(bytes, at, end)
      else if (this.#line.length === 0) this.#lineIs(bytes.toString('latin1', at, end))
      else {
        this.#line.append(bytes, at, end)
        this.#lineIs(this.#line.take().toString('latin1'))
      }
      if (this.isOver) throw new RequestError('FIELD_SECTION_TOO_LARGE')
      at = end
    }
    return at
  }

  /** @throws {RequestError} INVALID_FIELD_LINE: the section is complete, and a line of it is none */
  takeFields(): Field[] {
    if (this.#isBad) throw new RequestError('INVALID_FIELD_LINE')
    return this.#fields
  }

  #lineIs(raw: string): void {
    this.isComplete = raw === '\r\n' || raw === '\n'
    if (!raw.endsWith('\r\n')) this.#isBad = true
    if (this.isComplete || this.#isBad) return
    const line = raw.slice(0, -2)
    const name = lineOf.exec(line)?.[1]
    if (name === undefined) {
      this.#isBad = true
      this.#fields = []
    } else if (this.#keep) this.#fields.push([name.toLowerCase(), trimmed(line, name.length + 1)])
  }
}
