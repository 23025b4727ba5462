/** A table as lines of text: the first column begins where it stands, the others end where they stand. */

/** The lines of a table, its heading first, as wide as their texts. */
export function columns(
  heading: readonly string[],
  rows: readonly (readonly string[])[],
  align: 'left' | 'right' = 'right',
): string[] {
  const all = [heading, ...rows]
  const width = (at: number) => Math.max(...all.map((row) => row[at]?.length ?? 0))
  const cell = (text: string, at: number) =>
    at === 0 || align === 'left' ? text.padEnd(width(at)) : text.padStart(width(at))
  return all.map((row) => row.map(cell).join('  ').trimEnd())
}
