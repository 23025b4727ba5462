/** Feeds bytes to a submission's `RequestParser`, and checks what comes out of it. */
import type { Build } from '../../harness/build.ts'
import { Expectation } from '../../harness/expectation.ts'
import { probe } from '../../harness/probe.ts'
import { literal } from '../../harness/wire/bytes.ts'
import { type Cut, readsOf } from './cuts.ts'

type Module = typeof import('../../levels/level2/request-parser.ts')

const FILE = 'level2/request-parser.ts'

/** A request that came out; texts are bytes, one a character. */
export type Parsed = {
  readonly method: string
  readonly target: string
  readonly path: string
  readonly query: string
  readonly version: string
  readonly headers: { readonly [name: string]: string }
  readonly content: string
}

export type Outcome = {
  readonly requests: readonly Parsed[]
  readonly error: { readonly status: number; readonly code: string } | null
  readonly state: string
}

export type Limits = {
  readonly maxRequestLineBytes?: number
  readonly maxHeaderBytes?: number
  readonly maxContentBytes?: number
}

/** Bytes for a parser of their own, and what must come out. Whatever is left out may be anything. */
export interface Message {
  readonly bytes: string
  readonly limits?: Limits
  /** The client ends its direction after the last byte. */
  readonly end?: true
  /** The requests, in order; all of them. */
  readonly gives?: readonly Partial<Parsed>[]
  /** The status of the fault; `null`: there is none. */
  readonly fault?: number | readonly number[] | null
  readonly state?: 'idle' | 'head' | 'content'
  readonly why: string
}

/**
 * Pushes each message in each of its cuts, and checks that always the same comes out, and that it is right.
 *
 * @throws {Expectation} for the first message with which something is wrong
 */
export async function parses(
  build: Build,
  messages: readonly Message[],
  cutsOf: (length: number) => readonly Cut[] = () => [[]],
): Promise<void> {
  const input = messages.map(({ bytes, limits = {}, end = false }) => ({
    bytes,
    limits,
    end,
    cuts: cutsOf(bytes.length),
  }))
  const found = await probe(build, FILE, feed, input, { patienceMs: 30_000 })
  for (const [index, message] of messages.entries()) {
    for (const { cut, outcome } of found[index] ?? []) check(message, cut, outcome)
  }
}

/** For each message the outcomes that differ, each with the first cut that led to it. */
function feed(
  module: Module,
  messages: readonly { bytes: string; limits: Limits; end: boolean; cuts: readonly Cut[] }[],
): { cut: number[]; outcome: Outcome }[][] {
  const defaults = { maxRequestLineBytes: 8192, maxHeaderBytes: 16_384, maxContentBytes: 1_048_576 }
  return messages.map(({ bytes, limits, end, cuts }) => {
    const outcomes = new Map<string, { cut: number[]; outcome: Outcome }>()
    for (const cut of cuts) {
      const parser = new module.RequestParser({ ...defaults, ...limits })
      const requests = []
      for (const [index, place] of [0, ...cut].entries()) {
        // A copy of its own: a parser may keep the bytes it is given.
        const read = Buffer.from(bytes.slice(place, cut[index]), 'latin1')
        try {
          requests.push(...parser.push(read))
        } catch (error) {
          const shown = JSON.stringify(bytes.slice(place, cut[index]).slice(0, 80))
          if (error instanceof Error)
            error.message = `push(${shown}) threw, which it never does: ${error.message}`
          throw error
        }
      }
      if (end) parser.end()
      const { error, state } = parser
      const outcome = {
        requests: requests.map(({ method, target, path, query, version, headers, content }) => ({
          method,
          target,
          path,
          query,
          version,
          headers: Object.fromEntries(headers),
          content: content.toString('latin1'),
        })),
        error: error === undefined ? null : { status: error.status, code: error.code },
        // After a fault there is nothing left to be in a state.
        state: error === undefined ? state : '',
      }
      const key = JSON.stringify(outcome)
      if (!outcomes.has(key)) outcomes.set(key, { cut: [...cut], outcome })
    }
    return [...outcomes.values()]
  })
}

function check(message: Message, cut: Cut, outcome: Outcome): void {
  const fails = (expected: string, received: string) =>
    parserFails(stepsOf(message, cut), expected, received, message.why)
  const { gives, fault, state } = message
  const { requests, error } = outcome
  if (fault !== undefined) {
    const right: readonly (number | null)[] = fault === null ? [null] : [fault].flat()
    if (!right.includes(error?.status ?? null)) {
      throw fails(
        fault === null ? 'no fault' : `a fault with status ${right.join(' or ')}`,
        error === null
          ? `no fault, and ${requests.length} requests`
          : `a fault with status ${error.status} (${error.code})`,
      )
    }
  }
  if (gives !== undefined) {
    if (requests.length !== gives.length) {
      throw fails(
        `${gives.length} requests`,
        `${requests.length}${error === null ? '' : `, and ${error.code}`}`,
      )
    }
    for (const [index, wanted] of gives.entries()) {
      const difference = differenceOf(wanted, requests[index])
      if (difference !== undefined) throw fails(...difference)
    }
  }
  if (state !== undefined && outcome.state !== state)
    throw fails(`state ${state}`, `state ${outcome.state}`)
}

function differenceOf(
  wanted: Partial<Parsed>,
  request: Parsed | undefined,
): [expected: string, received: string] | undefined {
  const { headers = {}, ...rest } = wanted
  for (const [name, value] of Object.entries(rest)) {
    const is = request?.[name as 'method']
    if (is !== value) return [`${name} ${literal(value, 120)}`, `${name} ${literal(is ?? '', 120)}`]
  }
  for (const [name, value] of Object.entries(headers)) {
    const is = Object.hasOwn(request?.headers ?? {}, name) ? request?.headers[name] : undefined
    if (is !== value)
      return [
        `${name}: ${literal(value, 120)}`,
        is === undefined ? `no ${name}` : `${name}: ${literal(is, 120)}`,
      ]
  }
  return undefined
}

function stepsOf({ bytes, end }: Message, cut: Cut): string[] {
  const reads = readsOf(bytes, cut)
  const steps = ['make a RequestParser']
  if (reads.length > 8) steps.push(`push ${literal(bytes, 200)} in ${reads.length} reads`)
  else steps.push(...reads.map((read) => `push ${literal(read, 200)}`))
  return end ? [...steps, 'call end'] : steps
}

/** A failure of a module that was called directly. */
export function parserFails(
  steps: readonly string[],
  expected: string,
  received: string,
  why: string,
): Expectation {
  return new Expectation({ steps, expected, received, why })
}
