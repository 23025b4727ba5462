/** Numbers as people read them. */

/** Three digits of a small number, whole ones of a large: `0.382`, `38.2`, `12,480`. */
export function amount(value: number): string {
  if (!Number.isFinite(value)) return '–'
  const size = Math.abs(value)
  if (size >= 100) return Math.round(value).toLocaleString('en-US')
  if (size === 0) return '0'
  const digits = size >= 10 ? 1 : size >= 1 ? 2 : 3
  return String(Number(value.toFixed(digits)))
}

/** `12,480 req/s`; a figure that is missing is a dash, never a zero. */
export function withUnit(value: number | null, unit: string): string {
  return value === null ? '–' : `${amount(value)} ${unit}`.trimEnd()
}
