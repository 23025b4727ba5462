/** Runs a submission's load tester against a server of ours, and checks what it says against what was so. */
import type { Build } from '../../harness/build.ts'
import { Expectation } from '../../harness/expectation.ts'
import { probe } from '../../harness/probe.ts'
import type { ErrorKind, LoadResult } from '../../levels/level2/load-tester.ts'

type Module = typeof import('../../levels/level2/load-tester.ts')

/** `LoadOptions`, as far as they survive JSON. */
export type Options = {
  readonly url: string
  readonly connections?: number
  readonly seconds?: number
  readonly requests?: number
  readonly rate?: number
  readonly timeoutMs?: number
  readonly method?: string
  readonly headers?: { readonly [name: string]: string }
  readonly content?: string
  readonly expectedStatus?: number
}

/** One run, and how to complain about it. */
export interface Run {
  readonly result: LoadResult
  fails(expected: string, received: string, why: string): Expectation
}

/** Runs `runLoad` in the submission's process. */
export async function load(build: Build, options: Options, says: string): Promise<Run> {
  const { url: _url, ...rest } = options
  const steps = [`start ${says}`, `call runLoad with ${JSON.stringify(rest)}`]
  const why = 'a run ends when its requests or its seconds are over, whatever the server does'
  const result = (await probe(
    build,
    'level2/load-tester.ts',
    async (module: Module, options: Options) =>
      JSON.parse(JSON.stringify(await module.runLoad(options))) as never,
    options,
    { patienceMs: 40_000, about: { steps, why } },
  )) as LoadResult
  return {
    result,
    fails: (expected, received, why) => new Expectation({ steps, expected, received, why }),
  }
}

/**
 * Checks the counts of a run, exactly, and what follows from them: requests = successes + errors, and the rate.
 *
 * @param errors - the kinds that are left out must be 0
 */
export function counts(
  run: Run,
  successes: number,
  errors: Partial<Record<ErrorKind, number>>,
  why: string,
): void {
  const { result } = run
  const kinds: readonly ErrorKind[] = ['connect', 'reset', 'timeout', 'early-close', 'wrong-status']
  const inWords = (good: number, bad: Partial<Record<ErrorKind, number>>) =>
    [
      `${good} successes`,
      ...kinds
        .filter((kind) => bad[kind] !== 0 && bad[kind] !== undefined)
        .map((kind) => `${bad[kind]} ${kind}`),
    ].join(', ')
  const isRight =
    result.successes === successes &&
    kinds.every((kind) => result.errors[kind] === (errors[kind] ?? 0))
  if (!isRight)
    throw run.fails(inWords(successes, errors), inWords(result.successes, result.errors), why)
  const total = kinds.reduce((sum, kind) => sum + result.errors[kind], result.successes)
  if (result.requests !== total) {
    throw run.fails(
      `requests: ${total}, as successes and errors add up to`,
      `requests: ${result.requests}`,
      'each request ends once, well or badly',
    )
  }
  const rate = result.successes / result.seconds
  if (!(result.seconds > 0) || Math.abs(result.requestsPerSecond - rate) > rate * 0.01 + 0.01) {
    throw run.fails(
      `requestsPerSecond = successes / seconds = ${rate.toFixed(2)}`,
      `${result.requestsPerSecond} (seconds: ${result.seconds})`,
      'the comment above `requestsPerSecond`',
    )
  }
  const { p50, p90, p99, max } = result.latencyMs
  const inOrder = p50 <= p90 && p90 <= p99 && p99 <= max && (successes > 0 ? p50 > 0 : max === 0)
  if (!inOrder) {
    throw run.fails(
      successes > 0 ? '0 < p50 ≤ p90 ≤ p99 ≤ max' : 'latencies of 0 without a success',
      JSON.stringify(result.latencyMs),
      'a percentile is a place in the sorted latencies',
    )
  }
}

/** Checks a latency from below. */
export function atLeast(
  run: Run,
  name: keyof LoadResult['latencyMs'],
  leastMs: number,
  why: string,
): void {
  const value = run.result.latencyMs[name]
  if (value < leastMs)
    throw run.fails(
      `${name} of at least ${Math.round(leastMs)} ms`,
      `${name} ${value.toFixed(1)} ms`,
      why,
    )
}

/** Checks a latency from above: generously, this machine may be busy. */
export function below(
  run: Run,
  name: keyof LoadResult['latencyMs'],
  mostMs: number,
  why: string,
): void {
  const value = run.result.latencyMs[name]
  if (value > mostMs)
    throw run.fails(`${name} below ${Math.round(mostMs)} ms`, `${name} ${value.toFixed(1)} ms`, why)
}
