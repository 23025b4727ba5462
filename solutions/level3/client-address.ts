/** Whom a remote address stands for. */

/**
 * The name under which an address is counted: an IPv4 address as it is, an IPv4-mapped one
 * (`::ffff:192.0.2.1`, RFC 4291 §2.5.5.2) as the IPv4 address, and an IPv6 address by its first 64 bits,
 * because whoever has one of a /64 has all of them.
 */
export function clientName(address: string): string {
  if (!address.includes(':')) return address

  const groups = parseGroups(address)
  if (isMapped(groups)) {
    const [high = 0, low = 0] = groups.slice(6)
    return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`
  }
  return `${groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':')}::/64`
}

/** The eight groups of an IPv6 address as the operating system writes it (RFC 4291 §2.2). */
function parseGroups(address: string): readonly number[] {
  // A zone (`fe80::1%eth0`) tells links apart, not hosts.
  const [bare = ''] = address.split('%', 1)
  const [before = '', after] = bare.split('::', 2)
  const head = numbersOf(before)
  if (after === undefined) return head
  const tail = numbersOf(after)
  return [...head, ...Array<number>(Math.max(0, 8 - head.length - tail.length)).fill(0), ...tail]
}

function numbersOf(part: string): readonly number[] {
  if (part === '') return []
  return part.split(':').flatMap((group) => {
    if (!group.includes('.')) return [Number.parseInt(group, 16)]
    const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number)
    return [a * 256 + b, c * 256 + d]
  })
}

function isMapped(groups: readonly number[]): boolean {
  return groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff
}
