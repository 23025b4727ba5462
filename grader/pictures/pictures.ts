/** The pictures of a bench as SVG documents. */
import type { BenchRecord } from '../../bench/record.ts'
import { chartsOf } from './chart.ts'
import { specificationOf } from './specification.ts'
import { drawSvg } from './svg.ts'

export interface Picture {
  /** The scenario's id. */
  readonly scenario: string
  /** `throughput-latency.svg` */
  readonly file: string
  readonly svg: string
}

/** Draws whatever the record has figures for. */
export async function picturesOf(record: BenchRecord): Promise<Picture[]> {
  return Promise.all(
    chartsOf(record).flatMap(({ id, title, charts }) =>
      charts.map(async (chart) => ({
        scenario: id,
        file: `${id}-${chart.name}.svg`,
        svg: await drawSvg(specificationOf(chart), {
          title: `${title}: ${chart.title}`,
          description: chart.lines.map(({ side, summary }) => `${side}: ${summary}`).join('. '),
        }),
      })),
    ),
  )
}
