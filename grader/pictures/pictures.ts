/** The pictures of a bench as SVG documents. */
import path from 'node:path'
import type { BenchRecord } from '../../bench/record.ts'
import { writeFile } from '../journal.ts'
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

/** Draws a bench, and keeps each picture as a file: beside the page that has it in it. No bench has none. */
export async function writePictures(
  record: BenchRecord | null,
  folder: string,
): Promise<readonly Picture[]> {
  const pictures = record === null ? [] : await picturesOf(record)
  for (const { file, svg } of pictures) writeFile(path.join(folder, file), svg)
  return pictures
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
