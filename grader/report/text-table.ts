/** A table of which each row begins with its name, and that scrolls where a page is too narrow for it. */
import { h, type ComponentChild } from 'preact'

export function textTable(
  columns: readonly string[],
  rows: readonly (readonly ComponentChild[])[],
): ComponentChild {
  return h(
    'div',
    // On a phone it scrolls, also by the keyboard.
    { class: 'wide', role: 'group', 'aria-label': 'Figures', tabindex: 0 },
    h(
      'table',
      null,
      h(
        'thead',
        null,
        h(
          'tr',
          null,
          ...columns.map((name) => (name === '' ? h('td', null) : h('th', { scope: 'col' }, name))),
        ),
      ),
      h(
        'tbody',
        null,
        ...rows.map(([name, ...cells]) =>
          h(
            'tr',
            null,
            h('th', { scope: 'row' }, name),
            ...cells.map((cell) => h('td', null, cell)),
          ),
        ),
      ),
    ),
  )
}
