/** Plays requests through a submission's `Pipeline`, without a socket, and checks what it starts and sends. */
import type * as pipelineModule from '../../levels/level3/pipeline.ts'
import type { Build } from '../../harness/build.ts'
import { Expectation } from '../../harness/expectation.ts'
import { probe } from '../../harness/probe.ts'

/**
 * One step of a play, about the turn with this letter: a capital letter is a method that is not safe.
 *
 * `add a` comes in and is received · `begin a` comes in, its content is still coming · `receive a` its content is
 * there · `answer a` its handler is done · `sent a` the promise of its answer is settled
 */
export type Step = `${'add' | 'begin' | 'receive' | 'answer' | 'sent'} ${string}`

/** Steps, and what the pipeline does after each: `start a`, `send a`, and at the end `room` or `full`. */
export interface Play {
  readonly most: number
  /** These answers take their time: `send` gives a promise, settled by `sent`. */
  readonly slow?: string
  readonly steps: readonly (readonly [step: Step, ...does: readonly string[]])[]
  readonly why: string
}

/** @throws {Expectation} for the first step after which the pipeline does something else */
export async function plays(build: Build, play: Play): Promise<void> {
  const { most, slow = '', steps, why } = play
  const input = { most, slow, steps: steps.map(([step]) => step) }
  const seen = await probe(build, 'level3/pipeline.ts', perform, input)
  for (const [index, [, ...does]] of steps.entries()) {
    const did = seen[index] ?? []
    if (did.join() === does.join()) continue
    throw new Expectation({
      steps: [`make a Pipeline with most: ${most}`, ...input.steps.slice(0, index + 1)],
      expected: does.join(', then ') || 'nothing',
      received: did.join(', then ') || 'nothing',
      why,
    })
  }
}

// Run in the submission's process.

async function perform(
  { Pipeline }: typeof pipelineModule,
  { most, slow, steps }: { most: number; slow: string; steps: readonly string[] },
): Promise<string[][]> {
  type State = 'reading' | 'received' | 'running' | 'answered'
  const turns = new Map<string, { name: string; isSafe: boolean; state: State }>()
  const settle = new Map<string, () => void>()
  let did: string[] = []
  const pipeline = new Pipeline<{ name: string; isSafe: boolean; state: State }>({
    most,
    start: (turn) => {
      turn.state = 'running'
      did.push(`start ${turn.name}`)
    },
    send: (turn) => {
      did.push(`send ${turn.name}`)
      if (!slow.includes(turn.name)) return undefined
      return new Promise<void>((resolve) => settle.set(turn.name, resolve))
    },
    onProgress: () => {},
  })
  const all: string[][] = []
  for (const step of steps) {
    did = []
    const [what = '', name = ''] = step.split(' ')
    if (what === 'add' || what === 'begin') {
      const isSafe = name === name.toLowerCase()
      turns.set(name, { name, isSafe, state: what === 'add' ? 'received' : 'reading' })
      pipeline.add(turns.get(name)!)
    }
    const turn = turns.get(name)!
    if (what === 'receive') turn.state = 'received'
    if (what === 'answer') turn.state = 'answered'
    if (what === 'sent') settle.get(name)?.()
    pipeline.advance()
    // A pipeline may do what it does in the turn behind that: no client could tell.
    await new Promise((resolve) => setImmediate(resolve))
    all.push([...did, pipeline.hasRoom ? 'room' : 'full'])
  }
  return all
}
