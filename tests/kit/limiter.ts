/** Plays requests to a learner's RateLimiter, on a clock of ours. */
import type { Build } from '../../harness/build.ts'
import { Expectation } from '../../harness/expectation.ts'
import { probe, type Json } from '../../harness/probe.ts'

/** As the starter types it. */
export interface RateVerdict {
  readonly allowed: boolean
  readonly limit: number
  readonly remaining: number
  readonly resetSeconds: number
  readonly retryAfterSeconds: number
}

/** Requests of one address, at one moment. */
export interface Step {
  /** What the clock says, in milliseconds. */
  readonly at: number
  readonly address?: string
  /** [1] */
  readonly times?: number
}

export interface LimiterOptions {
  readonly limit: number
  readonly windowMs: number
  readonly maxAddresses?: number
}

/** What a limiter said to each of some steps. */
export class Played {
  readonly #options: LimiterOptions
  readonly #steps: readonly Step[]
  readonly #verdicts: readonly (readonly RateVerdict[])[]

  constructor(
    options: LimiterOptions,
    steps: readonly Step[],
    verdicts: readonly (readonly RateVerdict[])[],
  ) {
    this.#options = options
    this.#steps = steps
    this.#verdicts = verdicts
  }

  /** The verdicts of a step. */
  of(step: number): readonly RateVerdict[] {
    return this.#verdicts[step] ?? []
  }

  /** The last verdict of a step. */
  last(step: number): RateVerdict {
    const verdict = this.of(step).at(-1)
    if (verdict === undefined) throw new Error(`there is no step ${step}`)
    return verdict
  }

  /** How many requests of a step were allowed. */
  allowed(step: number): number {
    return this.of(step).filter(({ allowed }) => allowed).length
  }

  /** Checks that a step allows at least so many requests, and at most so many. */
  allows(step: number, least: number, most: number, why: string): void {
    const allowed = this.allowed(step)
    if (allowed >= least && allowed <= most) return
    throw this.fails(
      least === most ? `${least} allowed` : `${least} to ${most} allowed`,
      `${allowed} allowed of ${this.of(step).length}`,
      why,
      step,
    )
  }

  /** A failure that shows what was played up to a step. */
  fails(
    expected: string,
    received: string,
    why: string,
    step = this.#steps.length - 1,
  ): Expectation {
    const { limit, windowMs, maxAddresses } = this.#options
    const most = maxAddresses === undefined ? '' : `, maxAddresses: ${maxAddresses}`
    const first = Math.max(0, step - 12)
    const steps = this.#steps.slice(first, step + 1).map(({ at, address, times = 1 }, index) => {
      return `at ${at} ms: ${times} × take('${address ?? ADDRESS}') allows ${this.allowed(first + index)}`
    })
    const begin = `new RateLimiter({ limit: ${limit}, windowMs: ${windowMs}${most}, now })`
    return new Expectation({
      steps: [begin, ...(first > 0 ? [`(${first} steps more)`] : []), ...steps],
      expected,
      received,
      why,
    })
  }
}

const ADDRESS = '192.0.2.1'

/** Plays the steps in their order to one new limiter. */
export async function play(
  build: Build,
  options: LimiterOptions,
  steps: readonly Step[],
): Promise<Played> {
  const [played] = await playAll(build, options, [steps])
  if (played === undefined) throw new Error('nothing was played')
  return played
}

/** Plays each list of steps to a limiter of its own. */
export async function playAll(
  build: Build,
  options: LimiterOptions,
  lists: readonly (readonly Step[])[],
): Promise<Played[]> {
  const verdicts = await probe(
    build,
    'level3/rate-limiter.ts',
    (module: LimiterModule, { options, lists, usual }) =>
      lists.map((steps) => {
        let clock = steps[0]?.at ?? 0
        const limiter = new module.RateLimiter({ ...options, now: () => clock })
        return steps.map(({ at, address = usual, times = 1 }) => {
          clock = at
          return Array.from({ length: times }, () => limiter.take(address))
        })
      }) as unknown as Json,
    { options, lists, usual: ADDRESS } as unknown as Input,
  )
  const all = verdicts as unknown as RateVerdict[][][]
  return lists.map((steps, index) => new Played(options, steps, all[index] ?? []))
}

/** What the probe is given; all of it is JSON. */
type Input = { readonly [name: string]: Json } & {
  readonly options: LimiterOptions & { readonly [name: string]: Json }
  readonly lists: readonly (readonly (Step & { readonly [name: string]: Json })[])[]
  readonly usual: string
}

/** What a probe sees of the module. */
export interface LimiterModule {
  readonly RateLimiter: new (options: {
    readonly limit: number
    readonly windowMs: number
    readonly maxAddresses?: number
    readonly now?: () => number
  }) => { readonly size: number; take(remoteAddress: string): RateVerdict }
  rateLimitFields(verdict: RateVerdict): Readonly<Record<string, string>>
}
