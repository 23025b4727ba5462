/** A stranger's name, made harmless for wherever it is shown. */
import { harmless } from '../terminal/style.ts'

/** Without control, bidirectional and unassigned characters, in one line of at most 200 characters. Emoji stay whole. */
export function plain(text: string): string {
  const shown = harmless(text.toWellFormed().replace(/\s+/g, ' '), '').trim()
  return shown.length > 200 ? `${[...shown].slice(0, 200).join('')}…` : shown
}
