/** `uri-host [ ":" port ]`: a name, perhaps empty, or an IP address (RFC 9110 §7.2, RFC 3986 §3.2.2). */
export function isHost(text: string): boolean {
  return /^(?:\[[0-9A-Fa-f:.]+\]|(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)(?::[0-9]*)?$/.test(
    text,
  )
}
