/** `compare.html`: a comparison as a page of its own. */
import { h, type ComponentChild } from 'preact'
import type { Comparison } from '../compare/comparison.ts'
import {
  CODE_COLUMNS,
  codeRows,
  PEER_COLUMNS,
  peerRows,
  TASK_COLUMNS,
  taskRows,
} from '../compare/rows.ts'
import type { Picture } from '../pictures/pictures.ts'
import { printable } from '../terminal/style.ts'
import { benchSection } from './bench-section.ts'
import { page } from './page.ts'
import { textTable } from './text-table.ts'

export function comparePage(comparison: Comparison, pictures: readonly Picture[]): string {
  const { level, title, submission, seed, bench, peers, problems } = comparison
  return page(
    `Level ${level} — ${title}: side by side`,
    h('p', { class: 'soft' }, `${printable(submission)} beside the reference, seed ${seed}.`),
    ...problems.map((sentence) => h('p', { class: 'failed' }, printable(sentence))),
    h('h2', null, 'Tasks'),
    textTable(TASK_COLUMNS, taskRows(comparison)),
    h('h2', null, 'Code'),
    textTable(CODE_COLUMNS, codeRows(comparison)),
    benchSection(bench, pictures),
    peers === null ? null : peersPart(peers),
  )
}

function peersPart({ rows, missing }: NonNullable<Comparison['peers']>): ComponentChild {
  return h(
    'section',
    null,
    h('h2', null, 'Beside servers that people use'),
    rows.length === 0 ? null : textTable(PEER_COLUMNS, peerRows(rows)),
    missing.length === 0
      ? null
      : h('ul', null, ...missing.map((sentence) => h('li', null, printable(sentence)))),
  )
}
