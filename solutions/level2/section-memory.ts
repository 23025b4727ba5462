import type { HeaderSection } from './header-section.ts'

/** Longer sections are not worth the memory. */
const MOST_BYTES = 2_048

/** Up to so many bytes a loop has compared before native code has been called. */
const FEW_BYTES = 64

/**
 * Remembers the last header section of a connection, and what it meant.
 *
 * A client says nearly the same with each request: the target changes, the fields seldom. To see that the
 * bytes are those of the last time costs a fraction of parsing them again (RFC 7541 §1 builds on the same habit).
 * Nothing is remembered from one connection to another.
 */
export class SectionMemory {
  #bytes: Buffer | undefined
  #section: HeaderSection | undefined

  /** The remembered section, if it stands in `bytes` at `at` and belongs to a request of the same version. */
  recall(bytes: Buffer, at: number, version: HeaderSection['version']): HeaderSection | undefined {
    if (this.#bytes === undefined || this.#section?.version !== version) return undefined
    const end = at + this.#bytes.length
    if (end > bytes.length || !isEqual(this.#bytes, bytes, at, end)) return undefined
    return this.#section
  }

  /** How long the remembered section is, in bytes. */
  get length(): number {
    return this.#bytes?.length ?? 0
  }

  remember(section: HeaderSection, bytes: Buffer, start: number, end: number): void {
    if (end - start > MOST_BYTES) return
    this.#bytes = Buffer.from(bytes.subarray(start, end))
    this.#section = section
  }
}

/** Whether `bytes` from `start` up to `end` are those that were `kept`. */
function isEqual(kept: Buffer, bytes: Buffer, start: number, end: number): boolean {
  if (kept.length > FEW_BYTES) return kept.compare(bytes, start, end) === 0
  for (let i = 0; i < kept.length; i++) if (kept[i] !== bytes[start + i]) return false
  return true
}
