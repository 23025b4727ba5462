/** The picture of levels 1 and 2: ten clients ask for `/work` at the same moment. A staircase, or a wall. */
import type { Bench } from './bench.ts'
import { VoidFigures, type Contender } from './contender.ts'
import { exchange } from './exchange.ts'
import { textOf } from './load/one-each.ts'
import { complaint, work } from './requests.ts'

const CLIENTS = 10

export async function timeline(bench: Bench): Promise<void> {
  const title = `${CLIENTS} clients ask for /work at the same moment`
  const heading = { id: 'timeline', title, connections: CLIENTS, pipelining: 1 }
  await bench.scenario(heading, [], async (sheets) => {
    for (const contender of bench.both) {
      bench.alone(contender)
      sheets[contender.name].timeline = await allAtOnce(contender)
    }
  })
}

async function allAtOnce({ name, address }: Contender) {
  const all = await Promise.all(
    Array.from({ length: CLIENTS }, () =>
      exchange(address, textOf(work)).catch((error: unknown) => {
        throw new VoidFigures(
          name,
          'no-answer',
          `A client who asked for /work got no answer: ${error instanceof Error ? error.message : String(error)}.`,
        )
      }),
    ),
  )
  for (const { response } of all) {
    const wrong = complaint(work.expect, response.status, response.content.toString('latin1'))
    if (wrong !== undefined)
      throw new VoidFigures(name, 'wrong-answers', `GET /work was answered with ${wrong}.`)
  }
  const start = Math.min(...all.map(({ from }) => from))
  return all
    .map(({ from, to }) => ({ from: from - start, to: to - start }))
    .toSorted((a, b) => a.to - b.to)
}
