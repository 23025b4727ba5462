/** A self-contained HTML page: opens from a file, needs no script, light and dark, prints well. */
import { h, type ComponentChild } from 'preact'
import { render } from 'preact-render-to-string'

const STYLE = `
:root { color-scheme: light dark; --good: #14722f; --bad: #b3261e; --soft: #5c6068; --line: #c9ccd3; --back: #fff; --box: #f4f5f7; }
@media (prefers-color-scheme: dark) { :root { --good: #6fd08c; --bad: #ff9d94; --soft: #a7acb8; --line: #4a4f5a; --back: #15171b; --box: #20242b; } }
body { box-sizing: border-box; font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; background: var(--back); }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .35rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
pre { background: var(--box); padding: .8rem; overflow-x: auto; font-size: .85rem; white-space: pre-wrap; overflow-wrap: anywhere; }
.passed { color: var(--good); } .failed, .fault { color: var(--bad); } .blocked, .soft { color: var(--soft); }
svg { max-width: 100%; height: auto; }
@media print { body { max-width: none; margin: 0; } pre { break-inside: avoid; } }
`

/** A page with this title and content. */
export function page(title: string, ...content: ComponentChild[]): string {
  const document = h(
    'html',
    { lang: 'en' },
    h(
      'head',
      null,
      h('meta', { charset: 'utf-8' }),
      h('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
      h('title', null, title),
      h('style', { dangerouslySetInnerHTML: { __html: STYLE } }),
    ),
    h('body', null, h('main', null, h('h1', null, title), ...content)),
  )
  return `<!doctype html>\n${render(document)}\n`
}
