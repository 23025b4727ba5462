/**
 * What the load asks for, and what must come back.
 *
 * Paths and contents carry random parts that follow from the seed of the run: a server cannot know them
 * beforehand, and an answer that was made for another request is found out.
 */
import { integer, word, type Random } from './random.ts'

/** A request, and what is checked of its answer. */
export interface PlannedRequest {
  readonly method: 'GET' | 'POST'
  readonly target: string
  readonly content?: string
  readonly expect: Expected
}

export interface Expected {
  readonly status: number
  /** Length of the content, in bytes. */
  readonly length: number
  /** What stands in the content, from which byte on. A short content is given whole. */
  readonly pieces: readonly (readonly [from: number, text: string])[]
}

/** Answers are ASCII, so that a byte is a character wherever they are looked at. */
function whole(text: string, status = 200): Expected {
  return { status, length: text.length, pieces: [[0, text]] }
}

export function hello(random: Random): PlannedRequest {
  return { method: 'GET', target: `/?${word(random)}`, expect: whole('Hello, World!') }
}

export function greet(random: Random): PlannedRequest {
  const name = word(random, integer(random, 4, 12))
  return { method: 'GET', target: `/greet?name=${name}`, expect: whole(`Hello, ${name}!`) }
}

export function echo(random: Random, length = integer(random, 20, 400)): PlannedRequest {
  const content = word(random, length)
  return { method: 'POST', target: '/echo', content, expect: whole(content) }
}

export const work: PlannedRequest = { method: 'GET', target: '/work', expect: whole('done') }

export function user(random: Random): PlannedRequest {
  const id = word(random)
  const postId = String(integer(random, 1, 1e6))
  return {
    method: 'GET',
    target: `/users/${id}/posts/${postId}`,
    expect: whole(JSON.stringify({ id, postId })),
  }
}

/** CPU work: the naive recursion over `n`. */
export function fib(n: number): PlannedRequest {
  let [value, next] = [0, 1]
  for (let step = 0; step < n; step++) [value, next] = [next, value + next]
  return { method: 'GET', target: `/fib/${n}`, expect: whole(JSON.stringify({ n, value })) }
}

/** A file whose text is known: its length is checked, and what stands at its beginning, its middle and its end. */
export function file(name: string, text: string): PlannedRequest {
  const places = [0, Math.floor(text.length / 2), Math.max(0, text.length - 32)]
  return {
    method: 'GET',
    target: `/static/${name}`,
    expect: {
      status: 200,
      length: text.length,
      pieces: places.map((from) => [from, text.slice(from, from + 32)] as const),
    },
  }
}

/** `/`, and in one of sixteen places something that no constant can answer. */
export function mostlyHello(random: Random, count = 16): PlannedRequest[] {
  const other = integer(random, 0, count - 1)
  return Array.from({ length: count }, (_, place) =>
    place === other ? greet(random) : hello(random),
  )
}

/** Every route that answers at once, in an order that nobody knows beforehand. */
export function mixed(
  random: Random,
  kinds: readonly ((random: Random) => PlannedRequest)[],
  count = 16,
): PlannedRequest[] {
  return Array.from({ length: count }, () => {
    const kind = kinds[integer(random, 0, kinds.length - 1)] ?? hello
    return kind(random)
  })
}

/**
 * Compares an answer with what was asked for.
 *
 * @returns what is wrong with it, in words
 */
export function complaint(expected: Expected, status: number, content: string): string | undefined {
  if (status !== expected.status) return `status ${status} instead of ${expected.status}`
  if (content.length !== expected.length) {
    return `${content.length} bytes of content instead of ${expected.length}`
  }
  for (const [from, text] of expected.pieces) {
    if (!content.startsWith(text, from)) {
      return `the content "${content.slice(from, from + 40)}" instead of "${text.slice(0, 40)}"`
    }
  }
  return undefined
}
