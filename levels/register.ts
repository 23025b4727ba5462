/**
 * The one list of levels and tasks. Everything is named after it: the heading in the assignment,
 * the pair of test files, the hints, the commands (`npm test -- 1.3`).
 */

/** A gradable piece of a level. */
export interface Task {
  /** `1.3`: level, dot, place in the level. */
  readonly id: string
  readonly title: string
  /** Names the task's tests: `tests/{public,hidden}/level1/<module>.test.ts`. */
  readonly module: string
  /** The files of `levels/levelN` that the task touches. */
  readonly files: readonly string[]
  readonly points: number
  /** What the task takes a learner who meets the subject for the first time. */
  readonly hours: number
  /** The sections it is built from. */
  readonly sections: readonly string[]
}

/** A level: one assignment, one server, several tasks. */
export interface Level {
  readonly number: number
  readonly title: string
  /** Files handed out finished. */
  readonly given: readonly string[]
  /** Modules that the level's raw-socket server may not import, and why. */
  readonly forbiddenImports: Readonly<Record<string, string>>
  /** Packages from the registry that the level's server may import. */
  readonly packages: readonly string[]
  /** The server starts threads (`node:worker_threads`). */
  readonly workers: boolean
  readonly tasks: readonly Task[]
}

const rawSockets = {
  'node:http': 'levels 1 to 3 build HTTP from a raw TCP socket (node:net)',
  'node:https': 'levels 1 to 3 build HTTP from a raw TCP socket (node:net)',
  'node:http2': 'levels 1 to 3 build HTTP from a raw TCP socket (node:net)',
  'node:child_process': 'a server of levels 1 to 3 is one process',
  'node:cluster': 'a server of levels 1 to 3 is one process',
  'node:inspector': 'a server has no use for a debugger of itself',
} as const

export const levels: readonly Level[] = [
  {
    number: 1,
    title: 'One at a time',
    given: ['main.ts', 'settings.ts', 'case.ts'],
    forbiddenImports: rawSockets,
    packages: [],
    workers: false,
    tasks: [
      {
        id: '1.1',
        title: 'Request line and header section',
        module: 'request-head',
        files: ['server.ts'],
        points: 15,
        hours: 3,
        sections: ['RFC 9112 §2', 'RFC 9112 §3', 'RFC 9112 §5', 'RFC 9110 §5.1'],
      },
      {
        id: '1.2',
        title: 'Responses',
        module: 'responses',
        files: ['server.ts'],
        points: 15,
        hours: 2,
        sections: ['RFC 9112 §4', 'RFC 9112 §6', 'RFC 9110 §6.6.1', 'RFC 9110 §8.6', 'RFC 9110 §9.3.2'],
      },
      {
        id: '1.3',
        title: 'Content',
        module: 'content',
        files: ['server.ts'],
        points: 15,
        hours: 2,
        sections: ['RFC 9112 §6.2', 'RFC 9110 §8.6'],
      },
      {
        id: '1.4',
        title: 'Routes',
        module: 'routes',
        files: ['server.ts'],
        points: 15,
        hours: 2,
        sections: ['RFC 9110 §15.5.5', 'RFC 9110 §15.5.6', 'RFC 9112 §3.2'],
      },
      {
        id: '1.5',
        title: 'Refuse without dying',
        module: 'refusals',
        files: ['server.ts'],
        points: 20,
        hours: 4,
        sections: ['RFC 9112 §2.2', 'RFC 9112 §3.2', 'RFC 9112 §5', 'RFC 9112 §9.6', 'RFC 9110 §15.5'],
      },
      {
        id: '1.6',
        title: 'No leak',
        module: 'memory',
        files: ['server.ts'],
        points: 10,
        hours: 1,
        sections: [],
      },
      {
        id: '1.7',
        title: 'Find the bugs yourself',
        module: 'cases',
        files: ['cases.ts'],
        points: 10,
        hours: 3,
        sections: [],
      },
    ],
  },
]

/** The level with this number, if the course has it. */
export function levelNumbered(number: number): Level | undefined {
  return levels.find((level) => level.number === number)
}
