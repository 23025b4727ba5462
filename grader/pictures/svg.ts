/**
 * A vega-lite specification as a static SVG document: no script, no font of its own, light and dark, and told in words.
 *
 * The colours stand in the attributes as they are on paper, so that any program shows them; a style sheet in the
 * document exchanges them on a dark screen.
 */
import { h } from 'preact'
import { render } from 'preact-render-to-string'
import type { Config, TopLevelSpec } from 'vega-lite'

/** Colours on a light page and on paper. The two servers differ in shape as well: not everybody sees colour. */
export const COLOURS = {
  back: '#ffffff',
  ink: '#30343c',
  soft: '#5c6068',
  line: '#d9dce2',
  submission: '#1f5fbf',
  reference: '#b3540a',
} as const

const DARK: Readonly<Record<keyof typeof COLOURS, string>> = {
  back: '#15171b',
  ink: '#e3e5ea',
  soft: '#a7acb8',
  line: '#3a404b',
  submission: '#8ab4ff',
  reference: '#f2a65e',
}

/** What a picture says to somebody who does not see it. */
export interface Caption {
  readonly title: string
  readonly description: string
}

const CONFIG: Config = {
  // The document is one image with one description: its marks are not announced one by one.
  aria: false,
  font: 'system-ui, sans-serif',
  background: COLOURS.back,
  view: { stroke: null },
  axis: {
    domainColor: COLOURS.line,
    tickColor: COLOURS.line,
    gridColor: COLOURS.line,
    labelColor: COLOURS.soft,
    titleColor: COLOURS.soft,
    titleFontWeight: 'normal',
    labelFontSize: 12,
    titleFontSize: 12,
  },
  title: { color: COLOURS.ink, fontSize: 14, fontWeight: 600, anchor: 'start', offset: 10 },
  legend: { labelColor: COLOURS.soft, labelFontSize: 12, title: null, orient: 'top' },
  header: { labelColor: COLOURS.soft, labelFontSize: 12, title: null },
}

/**
 * Draws a specification.
 *
 * Vega takes seconds to load on a busy machine, so it is loaded by the first picture that is drawn.
 */
export async function drawSvg(spec: TopLevelSpec, caption: Caption): Promise<string> {
  const [vega, vegaLite] = await Promise.all([import('vega'), import('vega-lite')])
  const { spec: compiled } = vegaLite.compile(spec, { config: CONFIG })
  const svg = await new vega.View(vega.parse(compiled), { renderer: 'none' }).toSVG()
  return `${dressed(svg, caption)}\n`
}

/** The drawing of vega, with our root element around it. */
function dressed(svg: string, { title, description }: Caption): string {
  const [, width = '', height = ''] =
    /^<svg[^>]* width="([\d.]+)" height="([\d.]+)"/.exec(svg) ?? []
  const marks = svg
    .slice(svg.indexOf('>') + 1, svg.lastIndexOf('</svg>'))
    // Some marks announce themselves whatever the configuration says; they would be images without a name.
    .replace(/<[^>]+>/g, (tag) => tag.replace(/ (role|aria-[a-z]+)="[^"]*"/g, ''))
  return render(
    h('svg', {
      xmlns: 'http://www.w3.org/2000/svg',
      class: 'picture',
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
      role: 'img',
      'aria-label': `${title}. ${description}`,
      dangerouslySetInnerHTML: {
        __html: [
          render(h('title', null, title)),
          render(h('desc', null, description)),
          `<style>${DARK_SHEET}</style>`,
          marks,
        ].join(''),
      },
    }),
  )
}

const DARK_SHEET = `@media screen and (prefers-color-scheme: dark) { ${(
  Object.keys(COLOURS) as (keyof typeof COLOURS)[]
)
  .flatMap((name) =>
    ['fill', 'stroke'].map(
      (part) => `.picture [${part}="${COLOURS[name]}"] { ${part}: ${DARK[name]}; }`,
    ),
  )
  .join(' ')} }`
