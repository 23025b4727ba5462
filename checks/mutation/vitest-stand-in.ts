/**
 * Stands in for what the graded tests use of vitest (`describe`, `inject`, `test.extend`): here a test is not run when its
 * file is read, but collected, to be run alone and in any order.
 *
 * `collect.ts` sees to it that the test files import this.
 */

/** A value of a test's context: is given the values it names itself, hands over its own, and cleans up when `use` returns. */
type Fixture = (
  context: Readonly<Record<string, unknown>>,
  use: (value: unknown) => Promise<void>,
) => Promise<void>

type Body = (context: Readonly<Record<string, unknown>>) => unknown

/** What a test's fixtures see of it, and may say about it. */
export interface CollectedTask {
  readonly name: string
  readonly meta: { readsResults?: boolean }
}

/** A test that waits to be run. */
export interface Collected {
  readonly title: string
  readonly meta: CollectedTask['meta']
  readonly run: () => Promise<void>
}

export const collected: Collected[] = []

const provided = new Map<string, unknown>()

/** What `inject` returns from now on. */
export function provide(values: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(values)) provided.set(name, value)
}

export function inject(name: string): unknown {
  return provided.get(name)
}

export function describe(_title: string, define: () => void): void {
  define()
}

/** `it` with fixtures. One that has the name of an earlier one is given that one under its own name. */
function withFixtures(fixtures: Fixtures) {
  const it = (title: string, body: Body) => {
    const task = { name: title, meta: {} }
    collected.push({ title, meta: task.meta, run: () => new Context(task, fixtures).run(body) })
  }
  const extend = (more: Readonly<Record<string, Fixture>>) =>
    withFixtures(new Map([...fixtures, ...layered(more, fixtures)]))
  return Object.assign(it, { extend })
}

interface Layer {
  readonly fixture: Fixture
  readonly below: Layer | undefined
}

type Fixtures = ReadonlyMap<string, Layer>

function layered(more: Readonly<Record<string, Fixture>>, below: Fixtures): [string, Layer][] {
  return Object.entries(more).map(([name, fixture]) => [name, { fixture, below: below.get(name) }])
}

export const test = withFixtures(new Map())

/** The values that one run of one test asks for, and their ends. */
class Context {
  readonly #task: CollectedTask
  readonly #fixtures: Fixtures
  readonly #values = new Map<string, Promise<unknown>>()
  readonly #ends: (() => Promise<void>)[] = []

  constructor(task: CollectedTask, fixtures: Fixtures) {
    this.#task = task
    this.#fixtures = fixtures
  }

  async run(body: Body): Promise<void> {
    try {
      await body(await this.#valuesFor(body, (name) => this.#value(name)))
    } finally {
      for (const end of this.#ends.toReversed()) await end()
    }
  }

  #value(name: string): Promise<unknown> {
    const known = this.#values.get(name)
    if (known !== undefined) return known
    const value =
      name === 'task' ? Promise.resolve(this.#task) : this.#begin(name, this.#fixtures.get(name))
    this.#values.set(name, value)
    return value
  }

  async #begin(name: string, layer: Layer | undefined): Promise<unknown> {
    if (layer === undefined) throw new Error(`there is no fixture "${name}"`)
    const context = await this.#valuesFor(layer.fixture, (other) =>
      other === name ? this.#begin(name, layer.below) : this.#value(other),
    )
    return await new Promise((resolve, reject) => {
      const over = Promise.withResolvers<void>()
      const ended = layer.fixture(context, async (value) => {
        this.#ends.push(async () => {
          over.resolve()
          await ended
        })
        resolve(value)
        await over.promise
      })
      ended.catch(reject)
    })
  }

  async #valuesFor(
    of: Fixture | Body,
    value: (name: string) => Promise<unknown>,
  ): Promise<Record<string, unknown>> {
    const context: Record<string, unknown> = {}
    for (const name of namesIn(of)) context[name] = await value(name)
    return context
  }
}

/** What a function takes out of its first argument: `async ({ launch, random }) => …`. */
function namesIn(of: Fixture | Body): string[] {
  const [, names = ''] = /^async\s*\(\s*\{([^}]*)\}/.exec(of.toString()) ?? []
  return names
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean)
}
