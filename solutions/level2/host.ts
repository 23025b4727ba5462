import { isIPv6 } from 'node:net'

/** `uri-host [ ":" port ]`: a name, perhaps empty, or an IP address (RFC 9110 §7.2, RFC 3986 §3.2.2). */
export function isHost(text: string): boolean {
  const literal = /^\[([0-9A-Fa-f:.]+)\](?::[0-9]*)?$/.exec(text)?.[1]
  if (literal !== undefined) return isIPv6(literal)
  return /^(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*(?::[0-9]*)?$/.test(text)
}
