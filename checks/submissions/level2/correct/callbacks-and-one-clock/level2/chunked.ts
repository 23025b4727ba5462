/** Content that comes in chunks, each with its size before it (RFC 9112 §7.1): one table, one byte at a time. */
import { RequestError } from './errors.ts'
import { FieldSection } from './section.ts'

/** A chunk line (size and extensions) longer than this, CRLF not counted, is refused. */
export const MAX_CHUNK_LINE_BYTES = 4096

export interface ChunkedLimits {
  /** The sum of all chunk sizes. */
  readonly maxContentBytes: number
  /** The trailer section, counted as a header section is. */
  readonly maxHeaderBytes: number
}

// Classes of bytes.
const [ZERO, HEX, BLANK, SEMICOLON, CR, LF] = [1, 2, 3, 4, 5, 6] as const // 0: any other
const classOf = new Uint8Array(256)
for (const c of '123456789abcdefABCDEF') classOf[c.charCodeAt(0)] = HEX
classOf[0x30] = ZERO
classOf[0x20] = classOf[0x09] = BLANK
classOf[0x3b] = SEMICOLON
classOf[13] = CR
classOf[10] = LF

// States of a chunk line and of what frames the data.
const [
  BEGIN,
  ZEROS,
  DIGITS,
  SPACE,
  EXTENSION,
  LINE_LF,
  DATA_CR,
  DATA_LF,
  BAD,
  DATA,
  TRAILER,
  DONE,
] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11] as const

/** next[state][class]; LINE_LF and DATA_LF are left by what they complete. */
const next: readonly (readonly number[])[] = [
  //             OTHER      ZERO       HEX        BLANK      SEMICOLON  CR       LF
  /* BEGIN     */ [BAD, ZEROS, DIGITS, BAD, BAD, BAD, BAD],
  /* ZEROS     */ [BAD, ZEROS, DIGITS, SPACE, EXTENSION, LINE_LF, BAD],
  /* DIGITS    */ [BAD, DIGITS, DIGITS, SPACE, EXTENSION, LINE_LF, BAD],
  /* SPACE     */ [BAD, BAD, BAD, SPACE, EXTENSION, BAD, BAD],
  /* EXTENSION */ [EXTENSION, EXTENSION, EXTENSION, EXTENSION, EXTENSION, LINE_LF, BAD],
  /* LINE_LF   */ [BAD, BAD, BAD, BAD, BAD, BAD, TRAILER],
  /* DATA_CR   */ [BAD, BAD, BAD, BAD, BAD, DATA_LF, BAD],
  /* DATA_LF   */ [BAD, BAD, BAD, BAD, BAD, BAD, BEGIN],
]

/** Sums are kept in two parts, so that they are exact whatever is declared. */
const PART = 2 ** 40

export class ChunkedDecoder {
  done = false
  readonly #limits: ChunkedLimits
  readonly #onContent: (bytes: Buffer) => void
  readonly #trailer: FieldSection
  #state: number = BEGIN
  #lineBytes = 0
  #digits = ''
  #sumHigh = 0
  #sumLow = 0
  #leftHigh = 0
  #leftLow = 0

  /** `onContent` gets the content piece by piece: parts of the bytes that were pushed, not copies. */
  constructor(limits: ChunkedLimits, onContent: (bytes: Buffer) => void) {
    this.#limits = limits
    this.#onContent = onContent
    this.#trailer = new FieldSection(limits.maxHeaderBytes, false)
  }

  push(bytes: Buffer, start: number = 0): number {
    let at = start
    while (at < bytes.length && !this.done) {
      if (this.#state === DATA) at = this.#data(bytes, at)
      else if (this.#state === TRAILER) at = this.#trail(bytes, at)
      else {
        this.#step(bytes[at] as number)
        at += 1
      }
    }
    return at
  }

  #step(byte: number): void {
    const kind = classOf[byte] as number
    const state = next[this.#state]?.[kind] ?? BAD
    if (state === BAD) throw new RequestError('INVALID_CHUNK')
    if (state <= EXTENSION) {
      if (this.#state === DATA_LF) this.#lineBytes = 0
      else if ((this.#lineBytes += 1) > MAX_CHUNK_LINE_BYTES)
        throw new RequestError('INVALID_CHUNK')
      if (state === DIGITS) {
        this.#digits += String.fromCharCode(byte)
        if (this.#digits.length > 16) throw new RequestError('INVALID_CHUNK')
      }
    }
    this.#state = state
    if (state === TRAILER) this.#sizeIsKnown()
  }

  #sizeIsKnown(): void {
    const digits = this.#digits
    this.#digits = ''
    this.#lineBytes = 0
    if (digits === '') {
      if (this.#trailer.isOver) throw new RequestError('FIELD_SECTION_TOO_LARGE')
      return
    }
    this.#leftHigh = digits.length > 10 ? Number.parseInt(digits.slice(0, -10), 16) : 0
    this.#leftLow = Number.parseInt(digits.slice(-10), 16)
    const low = this.#sumLow + this.#leftLow
    this.#sumHigh += this.#leftHigh + Math.floor(low / PART)
    this.#sumLow = low % PART
    const most = this.#limits.maxContentBytes
    const mostHigh = Math.floor(most / PART)
    if (this.#sumHigh > mostHigh || (this.#sumHigh === mostHigh && this.#sumLow > most % PART)) {
      throw new RequestError('CONTENT_TOO_LARGE')
    }
    this.#state = DATA
  }

  #data(bytes: Buffer, at: number): number {
    if (this.#leftLow === 0 && this.#leftHigh > 0) {
      this.#leftHigh -= 1
      this.#leftLow = PART
    }
    const end = Math.min(bytes.length, at + this.#leftLow)
    this.#leftLow -= end - at
    if (this.#leftLow === 0 && this.#leftHigh === 0) this.#state = DATA_CR
    this.#onContent(bytes.subarray(at, end))
    return end
  }

  #trail(bytes: Buffer, at: number): number {
    const end = this.#trailer.push(bytes, at)
    if (this.#trailer.isComplete) {
      this.#trailer.takeFields()
      this.#state = DONE
      this.done = true
    }
    return end
  }
}
