/** What the suites are run against, again and again: the reference, and five servers of each level that are wrong. */
import { root } from '../../grader/course.ts'
import { writeEdited, type Edited } from '../../tests/kit/edited.ts'
import { wrongServers as ofLevel1 } from '../submissions/level1/wrong.ts'
import { wrongServers as ofLevel2 } from '../submissions/level2/wrong.ts'
import { wrongServers as firstHalf } from '../submissions/level3/wrong-3a.ts'
import { wrongServers as secondHalf } from '../submissions/level3/wrong-3b.ts'
import path from 'node:path'

export interface Candidate {
  readonly name: string
  /** Puts its `level1`, `level2`, … into a folder, and returns the folder that holds them. */
  readonly lay: (into: string) => Promise<string>
}

/** Wrong about reading, answering, refusing, time and memory: five that many different tests look at. */
const wrong: Readonly<Record<number, readonly [readonly Edited[], readonly string[]]>> = {
  1: [
    ofLevel1,
    ['counts-characters', 'names-by-case', 'dies-of-a-reset', 'keeps-requests', 'no-limits'],
  ],
  2: [
    ofLevel2,
    [
      'space-before-colon',
      'time-from-byte-to-byte',
      'no-backpressure',
      'work-blocks',
      'holds-the-exit',
    ],
  ],
  3: [
    [...firstHalf, ...secondHalf],
    [
      'one-request-too-many',
      'sends-what-is-ready',
      'keeps-files-open',
      'fixed-window',
      'idle-ones-stay',
    ],
  ],
}

export function candidatesOf(level: number): Candidate[] {
  const [known, names] = wrong[level] ?? [[], []]
  return [
    { name: 'reference', lay: () => Promise.resolve(path.join(root, 'solutions')) },
    ...names.map((name) => ({
      name,
      lay: async (into: string) => {
        const edited = known.find((server) => server.name === name)
        if (edited === undefined) throw new Error(`level ${level} has no wrong server ${name}`)
        await writeEdited(edited, level, into)
        return into
      },
    })),
  ]
}
