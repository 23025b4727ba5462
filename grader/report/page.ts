/** A self-contained HTML page: opens from a file, needs no script, light and dark, prints well. */
import { createHash } from 'node:crypto'
import { h, type ComponentChild } from 'preact'
import { render } from 'preact-render-to-string'

// A table that goes on beyond an edge has a shade there. What covers the shade scrolls along, to the ends of the table.
const STYLE = `
:root { color-scheme: light dark; --text: #1b1d21; --good: #14722f; --bad: #b3261e; --soft: #5c6068; --line: #d5d8de; --back: #fff; --box: #f4f5f7; --bar: #3b6fd4; --shade: #0004; }
@media (prefers-color-scheme: dark) { :root { --text: #e6e8ec; --good: #6fd08c; --bad: #ff9d94; --soft: #a7acb8; --line: #3b404a; --back: #15171b; --box: #20242b; --bar: #7ea6f4; --shade: #fff4; } }
* { box-sizing: border-box; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; background: var(--back); color: var(--text); }
h1 { line-height: 1.2; margin: 0 0 .3rem; } h2 { margin: 2.2rem 0 .6rem; line-height: 1.25; } h3 { margin: 1.6rem 0 .4rem; font-size: 1.05rem; } summary h3 { font-size: 1rem; margin: 0; display: inline; }
a { color: var(--bar); }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; color: var(--soft); padding-bottom: .4rem; }
th, td { text-align: left; padding: .35rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: break-word; }
bdi, p, li { overflow-wrap: anywhere; }
thead th { overflow-wrap: normal; }
tbody th { font-weight: 500; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
pre { background: var(--box); padding: .8rem; border-radius: 6px; font-size: .85rem; white-space: pre-wrap; overflow-wrap: anywhere; margin: .6rem 0; }
code { background: var(--box); padding: .1rem .3rem; border-radius: 4px; font-size: .9em; overflow-wrap: anywhere; }
pre code { padding: 0; background: none; }
.passed { color: var(--good); } .failed, .fault { color: var(--bad); } .blocked, .soft { color: var(--soft); }
.score { font-size: 1.6rem; font-weight: 650; margin: .8rem 0 .3rem; font-variant-numeric: tabular-nums; }
.notice { border-left: 4px solid var(--bad); background: var(--box); padding: .6rem 1rem; border-radius: 0 6px 6px 0; }
.notice h2 { margin-top: 0; }
details { border: 1px solid var(--line); border-radius: 6px; padding: .5rem .8rem; margin: .5rem 0; }
summary { cursor: pointer; }
dl.facts { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .2rem 1rem; margin: .6rem 0; }
dl.facts dt { font-weight: 600; } dl.facts dd { margin: 0; overflow-wrap: anywhere; white-space: pre-line; }
.wide {
  overflow-x: auto;
  background: linear-gradient(90deg, var(--back) 50%, transparent) 0 / 2.4rem 100% local, linear-gradient(270deg, var(--back) 50%, transparent) 100% / 2.4rem 100% local,
    linear-gradient(90deg, var(--shade), transparent) 0 / 1.2rem 100% scroll, linear-gradient(270deg, var(--shade), transparent) 100% / 1.2rem 100% scroll;
  background-repeat: no-repeat;
}
.wide table { min-width: 44rem; } .wide th, .wide td { overflow-wrap: break-word; }
.wide td bdi { display: inline-block; max-width: 9rem; overflow-wrap: break-word; }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(24rem, 100%), 1fr)); gap: 0 2.5rem; }
svg { max-width: 100%; height: auto; } svg.picture { vertical-align: bottom; }
.bench section { margin-top: 2rem; break-inside: avoid; } .bench section table { font-size: .85rem; } .bench section :is(th, td) { padding: .3rem .45rem; }
.score + svg { display: block; margin-bottom: 1.2rem; }
th button { font: inherit; font-weight: 600; color: inherit; background: none; border: 0; padding: 0; cursor: pointer; text-decoration: underline dotted; text-underline-offset: .2em; }
th[aria-sort=ascending] button::after { content: ' ▲'; } th[aria-sort=descending] button::after { content: ' ▼'; }
input[type=search] { font: inherit; color: inherit; background: var(--back); border: 1px solid var(--soft); border-radius: 6px; padding: .3rem .6rem; margin: 0 0 .6rem .5rem; width: 16rem; max-width: 100%; }
@media (max-width: 34rem) {
  body { margin: 1rem auto; } th, td { padding: .3rem .15rem; font-size: .85rem; } .columns th { overflow-wrap: anywhere; } td.number, th.number { white-space: normal; }
  dl.facts { grid-template-columns: 1fr; } dl.facts dd { margin-bottom: .4rem; }
}
@media print {
  :root { color-scheme: light; --text: #000; --good: #14722f; --bad: #b3261e; --soft: #44474d; --line: #bbb; --back: #fff; --box: #f4f5f7; --bar: #3b6fd4; }
  body { max-width: none; margin: 0; font-size: 11pt; } tr, dl.facts, h2 { break-inside: avoid; } h2, summary { break-after: avoid; }
  .wide { overflow: visible; background: none; } .wide table { min-width: 0; }
  details::details-content { content-visibility: visible; block-size: auto; } .screen { display: none; }
}
`

/**
 * A page with this title and content.
 *
 * Its policy lets a browser run or load nothing that is not ours, should a stranger's text ever get out of its quotes.
 */
export function page(title: string, ...content: ComponentChild[]): string {
  return document(title, content)
}

/** A page that reads well without its script, and better with it. */
export function pageWithScript(
  title: string,
  script: string,
  ...content: ComponentChild[]
): string {
  return document(title, content, script)
}

function document(title: string, content: readonly ComponentChild[], script?: string): string {
  const allowed =
    script === undefined
      ? "'none'"
      : `'sha256-${createHash('sha256').update(script).digest('base64')}'`
  const html = h(
    'html',
    { lang: 'en' },
    h(
      'head',
      null,
      h('meta', { charset: 'utf-8' }),
      h('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
      h('meta', {
        'http-equiv': 'Content-Security-Policy',
        content: `default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src ${allowed}`,
      }),
      h('title', null, title),
      h('style', { dangerouslySetInnerHTML: { __html: STYLE } }),
    ),
    h(
      'body',
      null,
      h('main', null, h('h1', null, title), ...content),
      script === undefined ? null : h('script', { dangerouslySetInnerHTML: { __html: script } }),
    ),
  )
  return `<!doctype html>\n${render(html)}\n`
}

/** A table: a heading for each column, those of numbers to the right. */
export function table(
  caption: string | null,
  columns: readonly { readonly name: string; readonly number?: boolean }[],
  rows: readonly ComponentChild[],
): ComponentChild {
  return h(
    'table',
    null,
    caption === null ? null : h('caption', null, caption),
    h(
      'thead',
      null,
      h(
        'tr',
        null,
        ...columns.map(({ name, number }) =>
          h('th', { scope: 'col', class: number ? 'number' : undefined }, name),
        ),
      ),
    ),
    h('tbody', null, ...rows),
  )
}

/** Terms and what they say, side by side. */
export function facts(rows: readonly (readonly [string, ComponentChild] | null)[]): ComponentChild {
  return h(
    'dl',
    { class: 'facts' },
    ...rows.flatMap((row) => (row === null ? [] : [h('dt', null, row[0]), h('dd', null, row[1])])),
  )
}
