/** Entity tags: names for one state of a file (RFC 9110 §8.8.3). */
import type { BigIntStats } from 'node:fs'

/** A strong tag: whoever writes to the file, or puts another one in its place, changes it. */
export function entityTag({ size, mtimeNs, ino }: BigIntStats): string {
  return `"${size.toString(36)}-${mtimeNs.toString(36)}-${ino.toString(36)}"`
}

/** The tags of a list: `"a", W/"b"`. A comma inside the quotes belongs to its tag. */
export function parseTags(list: string): readonly string[] {
  return list.match(/(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"/g) ?? []
}

/** The same bytes, and both sides vouch for it (RFC 9110 §8.8.3.2). */
export function matchesStrongly(one: string, other: string): boolean {
  return one === other && !one.startsWith('W/')
}

/** As good as the same. */
export function matchesWeakly(one: string, other: string): boolean {
  return withoutWeakness(one) === withoutWeakness(other)
}

function withoutWeakness(tag: string): string {
  return tag.startsWith('W/') ? tag.slice(2) : tag
}
