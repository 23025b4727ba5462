/** A stranger's name, made harmless for wherever it is shown. */

/** Without control, bidirectional and unassigned characters, in one line of at most 200 characters. Emoji stay whole. */
export function plain(text: string): string {
  const shown = text
    .toWellFormed()
    .replace(/\x1b\[[0-9;?]*[ -/]*[@-~]/g, '')
    .replace(/\s+/g, ' ')
    // The zero-width joiner is what holds 👩‍💻 together.
    .replace(/[^\P{C}\u200d]/gu, '')
    .trim()
  return shown.length > 200 ? `${[...shown].slice(0, 200).join('')}…` : shown
}
