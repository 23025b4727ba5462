import type { Server } from '../../harness/server.ts'
import { answers } from './holds.ts'
import { get } from './request.ts'

/**
 * The shortest time in which a GET is answered, of some runs one after the other: a busy machine makes
 * some runs slower, and none quicker.
 *
 * @returns milliseconds from the request to the whole answer
 */
export async function quickestMs(server: Server, target: string, runs: number): Promise<number> {
  const times: number[] = []
  for (let run = 0; run < runs; run++) {
    const wire = await server.connect()
    const start = performance.now()
    await wire.send(get(target))
    const response = await wire.response()
    times.push(performance.now() - start)
    answers(wire, response, { status: 200 }, 'the route table of the assignment')
    wire.close()
  }
  return Math.min(...times)
}
