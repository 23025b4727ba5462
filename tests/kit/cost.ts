import type { Build } from '../../harness/build.ts'
import { Expectation } from '../../harness/expectation.ts'
import { probe } from '../../harness/probe.ts'

/** A linear cost a byte stays the same when there are 16 times as many; a quadratic one is 16 times as large. */
const TIMES = 16
const MOST = 5

/** Who takes the bytes. `RequestParser` is made with `limits` alone, `ChunkedDecoder` also with a callback. */
export interface Taker {
  readonly file: string
  readonly className: string
  readonly says: string
  readonly limits: { readonly [name: string]: number }
}

/**
 * Pushes a message byte by byte, and one that is 16 times as long, and compares the processor time for each byte.
 *
 * @throws {Expectation} when a byte of the long one costs several times as much
 */
export async function costsTheSamePerByte(
  build: Build,
  { file, className, says, limits }: Taker,
  messageOf: (bytes: number) => string,
  smallBytes: number,
): Promise<void> {
  const input = {
    className,
    limits,
    small: messageOf(smallBytes),
    large: messageOf(smallBytes * TIMES),
    enough: TIMES * 2,
  }
  const { ratio } = await probe(build, file, measure, input, { patienceMs: 60_000 })
  if (ratio <= MOST) return
  throw new Expectation({
    steps: [`push ${says} byte by byte: ${input.small.length} bytes, then ${input.large.length}`],
    expected: `a cost for each byte that is about the same (at most ${MOST} times)`,
    received: `${ratio >= TIMES * 2 ? 'more than ' : ''}${ratio.toFixed(1)} times the cost for each byte`,
    why: 'work that grows with the square of the bytes lets one slow client occupy the server: look at no byte twice',
  })
}

/** So many requests in one push, and as many again, a few in each push. */
const [MANY, FEW] = [4096, 64]

/**
 * Pushes thousands of requests at once, then as many, a few at a time, and compares the processor time.
 *
 * @throws {Expectation} when one of many costs several times as much as one of a few
 */
export async function costsTheSamePerRequest(
  build: Build,
  { file, className, limits }: Omit<Taker, 'says'>,
  request: string,
): Promise<void> {
  const input = { className, limits, request, many: MANY, few: FEW }
  const { ratio } = await probe(build, file, measureRequests, input, { patienceMs: 60_000 })
  if (ratio <= MOST) return
  throw new Expectation({
    steps: [
      `push ${MANY} requests of ${request.length} bytes, ${FEW} in each push to a ${className} of its own`,
      'push as many in one push',
    ],
    expected: `a cost for each request that is about the same (at most ${MOST} times)`,
    received: `${ratio.toFixed(1)} times the cost for each request`,
    why: 'work that grows with the square of the bytes lets one client occupy the server: what comes after a request need not be copied to go on with it',
  })
}

function measure(
  module: Readonly<
    Record<string, new (limits: object, onContent: object) => { push(bytes: Buffer): unknown }>
  >,
  {
    className,
    limits,
    small,
    large,
    enough,
  }: { className: string; limits: object; small: string; large: string; enough: number },
): { ratio: number } {
  const Taker = module[className]
  if (Taker === undefined) throw new Error(`${className} is not exported.`)
  const micros = () => {
    const { user, system } = process.cpuUsage()
    return user + system
  }
  // Processor time, not time: another program on the machine does not count.
  const costOf = (text: string, most: number) => {
    const bytes = Buffer.from(text, 'latin1')
    const taker = new Taker(limits, () => {})
    const start = micros()
    for (let at = 0; at < bytes.length; at++) {
      taker.push(bytes.subarray(at, at + 1))
      if (at % 256 === 0 && micros() - start > most * bytes.length) return most
    }
    return (micros() - start) / bytes.length
  }
  const costs = Array.from({ length: 9 }, () => costOf(small, Infinity))
  const cost = Math.max(Math.min(...costs), 0.01)
  return { ratio: Math.min(...[1, 2].map(() => costOf(large, cost * enough))) / cost }
}

function measureRequests(
  module: Readonly<Record<string, new (limits: object) => { push(bytes: Buffer): unknown }>>,
  {
    className,
    limits,
    request,
    many,
    few,
  }: { className: string; limits: object; request: string; many: number; few: number },
): { ratio: number } {
  const Taker = module[className]
  if (Taker === undefined) throw new Error(`${className} is not exported.`)
  const micros = () => {
    const { user, system } = process.cpuUsage()
    return user + system
  }
  const costOf = (atOnce: number) => {
    const bytes = Buffer.from(request.repeat(atOnce), 'latin1')
    // All that was found is kept, whatever the size of a push: so the collector has the same to do.
    const found: unknown[] = []
    const start = micros()
    for (let pushed = 0; pushed < many; pushed += atOnce) found.push(new Taker(limits).push(bytes))
    return micros() - start
  }
  const cost = Math.max(Math.min(...Array.from({ length: 9 }, () => costOf(few))), 1)
  return { ratio: Math.min(...[1, 2, 3].map(() => costOf(many))) / cost }
}
