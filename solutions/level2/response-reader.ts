/** Reads the answers that come on one connection: what a client needs to know where each ends. */
import { listMembers } from './lists.ts'

/** The bytes are no answer of HTTP/1.x. */
export class InvalidAnswer extends Error {
  override readonly name = 'InvalidAnswer'
}

/** What a header section says. */
interface Head {
  readonly status: number
  /** The server will take another request on this connection (RFC 9112 §9.3). */
  readonly persists: boolean
  readonly framing: 'none' | 'length' | 'chunked' | 'until-close'
  readonly contentLength: number
}

/** Where in an answer the reader is. */
type Place =
  'head' | 'length' | 'chunk-line' | 'chunk' | 'chunk-end' | 'trailer' | 'until-close' | 'complete'

const EMPTY_LINE = Buffer.from('\r\n\r\n')
const MAX_HEAD_BYTES = 65_536

/** Reads one answer after the other. Content is counted, not kept. */
export class ResponseReader {
  readonly #answersHead: boolean
  #place: Place = 'head'
  #head: Head | undefined
  /** What `#head` was read from: a server under load sends the same bytes for a whole second. */
  #headText = ''
  /** Bytes of content, or of the chunk, that are still to come. */
  #left = 0
  /** The beginning of a head or a line whose end has not come. */
  #kept: Buffer | undefined

  /** `answersHead`: the requests are HEAD, and their answers have no content (RFC 9112 §6.3). */
  constructor(answersHead: boolean) {
    this.#answersHead = answersHead
  }

  /** The status code of the answer that is complete. */
  get status(): number {
    return this.#head?.status ?? 0
  }

  /** The connection can carry another request, now that this answer is complete. */
  get persists(): boolean {
    return this.#place === 'complete' && this.#head?.persists === true
  }

  /** Makes ready for the next answer. */
  next(): void {
    this.#place = 'head'
    this.#kept = undefined
  }

  /**
   * Takes the next bytes, which are looked at only during the call. True when they complete an answer
   * and nothing follows it.
   *
   * @throws {InvalidAnswer} for bytes that are no answer, or that follow a complete one unasked
   */
  push(bytes: Buffer): boolean {
    let rest = this.#kept === undefined ? bytes : Buffer.concat([this.#kept, bytes])
    this.#kept = undefined
    while (rest.length > 0) {
      if (this.#place === 'complete') throw new InvalidAnswer('More came than was announced.')
      const used = this.#step(rest)
      if (used === 0) {
        this.#keep(rest)
        break
      }
      rest = rest.subarray(used)
    }
    return this.#place === 'complete'
  }

  /** The server has sent FIN. True when that completes the answer. */
  end(): boolean {
    if (this.#place === 'until-close') this.#place = 'complete'
    return this.#place === 'complete'
  }

  /** Reads on from here, and says how many bytes that took: 0 when it needs more than there are. */
  #step(bytes: Buffer): number {
    switch (this.#place) {
      case 'head':
        return this.#readHead(bytes)
      case 'length':
        return this.#skip(bytes, 'complete')
      case 'chunk':
        return this.#skip(bytes, 'chunk-end')
      case 'until-close':
        return bytes.length
      default:
        return this.#readLine(bytes)
    }
  }

  #readHead(bytes: Buffer): number {
    const end = bytes.indexOf(EMPTY_LINE)
    if (end === -1) return 0
    const text = bytes.toString('latin1', 0, end)
    if (this.#head === undefined || text !== this.#headText) {
      this.#head = parseHead(text, this.#answersHead)
      this.#headText = text
    }
    const { status, framing, contentLength } = this.#head
    // An interim answer only announces the one that counts (RFC 9110 §15.2).
    if (status < 200) return end + EMPTY_LINE.length
    this.#left = contentLength
    this.#place = placeAfterHead(framing, contentLength)
    return end + EMPTY_LINE.length
  }

  #skip(bytes: Buffer, then: Place): number {
    const used = Math.min(bytes.length, this.#left)
    this.#left -= used
    if (this.#left === 0) this.#place = then
    return used
  }

  /** The lines between chunks, and the trailer section (RFC 9112 §7.1). */
  #readLine(bytes: Buffer): number {
    const end = bytes.indexOf('\r\n')
    if (end === -1) return 0
    const line = bytes.toString('latin1', 0, end)
    switch (this.#place) {
      case 'chunk-line':
        this.#left = parseChunkSize(line)
        this.#place = this.#left === 0 ? 'trailer' : 'chunk'
        break
      case 'chunk-end':
        if (line !== '') throw new InvalidAnswer('A chunk is longer than its size.')
        this.#place = 'chunk-line'
        break
      default:
        if (line === '') this.#place = 'complete'
    }
    return end + 2
  }

  #keep(bytes: Buffer): void {
    if (bytes.length > MAX_HEAD_BYTES) throw new InvalidAnswer('A header section has no end.')
    this.#kept = Buffer.from(bytes)
  }
}

function placeAfterHead(framing: Head['framing'], contentLength: number): Place {
  switch (framing) {
    case 'chunked':
      return 'chunk-line'
    case 'until-close':
      return 'until-close'
    default:
      return contentLength === 0 ? 'complete' : 'length'
  }
}

/** RFC 9112 §4, §6.3, §9.3. */
function parseHead(text: string, answersHead: boolean): Head {
  const [statusLine = '', ...lines] = text.split('\r\n')
  const [, minor, code] = /^HTTP\/1\.([0-9]) ([1-9][0-9]{2})(?: |$)/.exec(statusLine) ?? []
  if (code === undefined) throw new InvalidAnswer('This is no status line of HTTP/1.x.')
  const status = Number(code)
  const headers = new Map<string, string>()
  for (const line of lines) {
    const colon = line.indexOf(':')
    if (colon < 1) throw new InvalidAnswer('This is no field line.')
    const name = line.slice(0, colon).toLowerCase()
    const value = line.slice(colon + 1).trim()
    const before = headers.get(name)
    headers.set(name, before === undefined ? value : `${before}, ${value}`)
  }

  const framing = framingOf(status, headers, answersHead)
  const options = listMembers(headers.get('connection') ?? '')
  const wantsToPersist = minor === '0' ? options.includes('keep-alive') : !options.includes('close')
  return {
    status,
    framing,
    contentLength: framing === 'length' ? parseContentLength(headers) : 0,
    persists: wantsToPersist && framing !== 'until-close',
  }
}

function framingOf(
  status: number,
  headers: ReadonlyMap<string, string>,
  answersHead: boolean,
): Head['framing'] {
  if (answersHead || status < 200 || status === 204 || status === 304) return 'none'
  const coding = headers.get('transfer-encoding')
  if (coding !== undefined) return /(^|,\s*)chunked$/i.test(coding) ? 'chunked' : 'until-close'
  return headers.has('content-length') ? 'length' : 'until-close'
}

function parseContentLength(headers: ReadonlyMap<string, string>): number {
  const digits = headers.get('content-length') ?? ''
  if (!/^[0-9]{1,15}$/.test(digits)) throw new InvalidAnswer('Content-Length is not one number.')
  return Number(digits)
}

function parseChunkSize(line: string): number {
  const [, digits] = /^([0-9a-f]{1,12})[ \t]*(?:;|$)/i.exec(line) ?? []
  if (digits === undefined) throw new InvalidAnswer('This is no chunk size.')
  return Number.parseInt(digits, 16)
}
