/** Feeds bytes to a submission's `ChunkedDecoder`, and checks what comes out of it. */
import type { Build } from '../../harness/build.ts'
import { Expectation } from '../../harness/expectation.ts'
import { probe } from '../../harness/probe.ts'
import { literal } from '../../harness/wire/bytes.ts'
import { type Cut, readsOf } from './cuts.ts'

type Module = typeof import('../../levels/level2/chunked.ts')

/** A message body for a decoder of its own, and what must come out. */
export interface Body {
  readonly bytes: string
  /** [1 MiB] */
  readonly maxContentBytes?: number
  /** [16 KiB] */
  readonly maxHeaderBytes?: number
  /** All of it; left out, it may be anything. */
  readonly content?: string
  /** The status of the fault; `null`: there is none. */
  readonly fault: number | null
  /** What follows the body, and is not part of it. Left out: the body need not end. */
  readonly rest?: string
  readonly why: string
}

type Outcome = {
  readonly content: string
  readonly fault: { readonly status: number; readonly code: string } | null
  /** How many bytes belong to the body; -1 until it is done. */
  readonly used: number
}

/**
 * Pushes each body in each of its cuts, and checks that always the same comes out, and that it is right.
 *
 * @throws {Expectation} for the first body with which something is wrong
 */
export async function decodes(
  build: Build,
  bodies: readonly Body[],
  cutsOf: (length: number) => readonly Cut[] = () => [[]],
): Promise<void> {
  const input = bodies.map(({ bytes, maxContentBytes = 1_048_576, maxHeaderBytes = 16_384 }) => ({
    bytes,
    limits: { maxContentBytes, maxHeaderBytes },
    cuts: cutsOf(bytes.length),
  }))
  const found = await probe(build, 'level2/chunked.ts', feed, input, { patienceMs: 30_000 })
  for (const [index, body] of bodies.entries()) {
    for (const { cut, outcome } of found[index] ?? []) check(body, cut, outcome)
  }
}

/** For each body the outcomes that differ, each with the first cut that led to it. */
function feed(
  module: Module,
  bodies: readonly {
    bytes: string
    limits: { maxContentBytes: number; maxHeaderBytes: number }
    cuts: readonly Cut[]
  }[],
): { cut: number[]; outcome: Outcome }[][] {
  return bodies.map(({ bytes, limits, cuts }) => {
    const outcomes = new Map<string, { cut: number[]; outcome: Outcome }>()
    for (const cut of cuts) {
      const pieces: Buffer[] = []
      const decoder = new module.ChunkedDecoder(limits, (piece) => pieces.push(Buffer.from(piece)))
      let fault: Outcome['fault'] = null
      let used = -1
      try {
        for (const [index, place] of [0, ...cut].entries()) {
          // What lies before `start` is none of the decoder's business.
          const before = index % 3
          const read = Buffer.from('?'.repeat(before) + bytes.slice(place, cut[index]), 'latin1')
          const next = decoder.push(read, before)
          if (decoder.done) {
            used = place + next - before
            break
          }
          if (next !== read.length) used = -2
        }
      } catch (error) {
        const { status, code } = error as { status?: number; code?: string }
        if (status === undefined) throw error
        fault = { status, code: String(code) }
      }
      // What came before a fault may differ: it is never used.
      const content = fault === null ? Buffer.concat(pieces).toString('latin1') : ''
      const outcome = { content, fault, used: fault === null ? used : -1 }
      const key = JSON.stringify(outcome)
      if (!outcomes.has(key)) outcomes.set(key, { cut: [...cut], outcome })
    }
    return [...outcomes.values()]
  })
}

function check({ bytes, content, fault, rest, why }: Body, cut: Cut, outcome: Outcome): void {
  const reads = readsOf(bytes, cut)
  const fails = (expected: string, received: string) =>
    new Expectation({
      steps: [
        'make a ChunkedDecoder',
        ...(reads.length > 8
          ? [`push ${literal(bytes, 200)} in ${reads.length} reads`]
          : reads.map((read) => `push ${literal(read, 200)}`)),
      ],
      expected,
      received,
      why,
    })
  const found = outcome.fault
  if ((found?.status ?? null) !== fault) {
    throw fails(
      fault === null ? 'no fault' : `a fault with status ${fault}`,
      found === null
        ? `no fault${outcome.used === -1 ? ', and no end' : ''}`
        : `a fault with status ${found.status} (${found.code})`,
    )
  }
  if (content !== undefined && outcome.content !== content) {
    throw fails(`content ${literal(content, 160)}`, `content ${literal(outcome.content, 160)}`)
  }
  if (rest === undefined) return
  const used = bytes.length - rest.length
  if (outcome.used !== used) {
    throw fails(
      `done after ${used} bytes, which is what push returns`,
      outcome.used === -1
        ? 'not done'
        : outcome.used === -2
          ? 'push returns less than it was given, and is not done'
          : `done after ${outcome.used} bytes`,
    )
  }
}
