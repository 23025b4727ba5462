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
    given: ['main.ts', 'settings.ts', 'listen.ts', 'case.ts'],
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
        sections: [
          'RFC 9112 §4',
          'RFC 9112 §6',
          'RFC 9110 §6.6.1',
          'RFC 9110 §8.6',
          'RFC 9110 §9.3.2',
        ],
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
        sections: [
          'RFC 9112 §2.2',
          'RFC 9112 §3.2',
          'RFC 9112 §5',
          'RFC 9112 §9.6',
          'RFC 9110 §15.5',
        ],
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
  {
    number: 2,
    title: 'Many at once',
    given: [
      'main.ts',
      'settings.ts',
      'server.ts',
      'app.ts',
      'http.ts',
      'errors.ts',
      'fib-worker.ts',
      'load.ts',
      'not-implemented.ts',
    ],
    forbiddenImports: rawSockets,
    packages: [],
    workers: true,
    tasks: [
      {
        id: '2.1',
        title: 'Request parser',
        module: 'request-parser',
        files: ['request-parser.ts'],
        points: 20,
        hours: 5,
        sections: ['RFC 9112 §2.2', 'RFC 9112 §3', 'RFC 9112 §5', 'RFC 9112 §6.3'],
      },
      {
        id: '2.2',
        title: 'Chunked content',
        module: 'chunked',
        files: ['chunked.ts', 'request-parser.ts'],
        points: 15,
        hours: 4,
        sections: ['RFC 9112 §6.1', 'RFC 9112 §7.1'],
      },
      {
        id: '2.3',
        title: 'Limits and patience',
        module: 'limits',
        files: ['connection.ts', 'response-writer.ts'],
        points: 15,
        hours: 4,
        sections: ['RFC 9110 §10.1.1', 'RFC 9110 §15.5.9', 'RFC 9110 §15.5.14'],
      },
      {
        id: '2.4',
        title: 'Router',
        module: 'router',
        files: ['router.ts'],
        points: 10,
        hours: 2,
        sections: ['RFC 9110 §15.5.5', 'RFC 9110 §15.5.6'],
      },
      {
        id: '2.5',
        title: 'Handlers that wait',
        module: 'handlers',
        files: ['handlers.ts', 'connection.ts'],
        points: 10,
        hours: 2,
        sections: ['RFC 9110 §15.6.1'],
      },
      {
        id: '2.6',
        title: 'CPU work off the event loop',
        module: 'cpu-pool',
        files: ['cpu-pool.ts', 'handlers.ts', 'connection.ts'],
        points: 10,
        hours: 4,
        sections: ['RFC 9110 §15.6.4'],
      },
      {
        id: '2.7',
        title: 'Backpressure',
        module: 'backpressure',
        files: ['response-writer.ts'],
        points: 10,
        hours: 4,
        sections: [],
      },
      {
        id: '2.8',
        title: 'Load tester',
        module: 'load-tester',
        files: ['load-tester.ts'],
        points: 10,
        hours: 5,
        sections: [],
      },
    ],
  },
  {
    number: 3,
    title: 'Production',
    given: ['main.ts', 'service.ts', 'settings.ts'],
    forbiddenImports: rawSockets,
    packages: ['mime-types'],
    workers: true,
    tasks: [
      {
        id: '3.1',
        title: 'Persistent connections',
        module: 'persistence',
        files: ['connection.ts', 'errors.ts', 'server.ts'],
        points: 12,
        hours: 5,
        sections: ['RFC 9112 §9.3', 'RFC 9112 §9.6', 'RFC 9110 §7.6.1'],
      },
      {
        id: '3.2',
        title: 'Pipelining',
        module: 'pipelining',
        files: ['pipeline.ts', 'lines.ts', 'connection.ts'],
        points: 12,
        hours: 5,
        sections: ['RFC 9112 §9.3.2', 'RFC 9112 §7.1', 'RFC 9110 §6.5'],
      },
      {
        id: '3.3',
        title: 'Health',
        module: 'health',
        files: ['health.ts', 'server.ts'],
        points: 4,
        hours: 1,
        sections: [],
      },
      {
        id: '3.4',
        title: 'Trie router',
        module: 'trie-router',
        files: ['trie-router.ts', 'app.ts'],
        points: 12,
        hours: 5,
        sections: ['RFC 9110 §9.3.7', 'RFC 9110 §15.5.6'],
      },
      {
        id: '3.5',
        title: 'Static files',
        module: 'static-files',
        files: ['static-files.ts', 'conditional.ts', 'ranges.ts'],
        points: 20,
        hours: 10,
        sections: ['RFC 9110 §8.8', 'RFC 9110 §13', 'RFC 9110 §14'],
      },
      {
        id: '3.6',
        title: 'Errors and logs',
        module: 'errors-and-logs',
        files: ['errors.ts', 'log.ts', 'connection.ts', 'server.ts'],
        points: 8,
        hours: 3,
        sections: ['RFC 9110 §15'],
      },
      {
        id: '3.7',
        title: 'Connection limit',
        module: 'connection-limit',
        files: ['connection-limit.ts', 'server.ts'],
        points: 8,
        hours: 3,
        sections: ['RFC 9110 §15.6.4'],
      },
      {
        id: '3.8',
        title: 'Rate limiter',
        module: 'rate-limiter',
        files: ['rate-limiter.ts', 'connection.ts', 'server.ts'],
        points: 10,
        hours: 4,
        sections: ['RFC 6585 §4'],
      },
      {
        id: '3.9',
        title: 'Graceful shutdown',
        module: 'shutdown',
        files: ['shutdown.ts', 'connection.ts', 'server.ts'],
        points: 8,
        hours: 4,
        sections: ['RFC 9112 §9.6'],
      },
      {
        id: '3.10',
        title: 'Find the bugs yourself',
        module: 'cases',
        files: ['cases.ts'],
        points: 6,
        hours: 4,
        sections: [],
      },
    ],
  },
]

/** The level with this number, if the course has it. */
export function levelNumbered(number: number): Level | undefined {
  return levels.find((level) => level.number === number)
}
