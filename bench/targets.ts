/** Every number that the course promises, in one table. */

/**
 * A target is met by the absolute number, or by the stated share of the reference in the same rounds.
 *
 * Each level's targets are worth 20 points. They stand beside the 100 points of its tasks, never among them.
 */
export interface Target {
  readonly title: string
  readonly unit: string
  readonly direction: 'at least' | 'at most'
  /** In `unit`; `null` where only the reference can say what is much. */
  readonly absolute: number | null
  /** As a factor: 0.5 is half of what the reference reaches, 3 is three times what it takes. */
  readonly share: number | null
  readonly points: number
}

/** Growth that stops is no leak. What a server keeps of a request for ever is one (RULINGS: "flat" memory). */
const growth = {
  title: 'memory kept of a request',
  unit: 'bytes a request',
  direction: 'at most',
  absolute: 50,
  share: null,
} as const

export const targets = {
  level1: {
    oneClient: {
      title: '/ from one client at a time',
      unit: 'req/s',
      direction: 'at least',
      absolute: 1000,
      share: 0.5,
      points: 12,
    },
    growth: { ...growth, absolute: 500, points: 8 },
  },
  level2: {
    work: {
      title: '/work with 100 clients',
      unit: 'req/s',
      direction: 'at least',
      absolute: 800,
      share: 0.8,
      points: 8,
    },
    besideFib: {
      title: 'p99 of / while /fib saturates its pool',
      unit: 'ms',
      direction: 'at most',
      absolute: 50,
      share: 3,
      points: 7,
    },
    stalled: {
      title: 'memory that 200 clients cost who do not read',
      unit: 'MB',
      direction: 'at most',
      absolute: 100,
      share: 3,
      points: 5,
    },
  },
  level3: {
    throughput: {
      title: '/ with 100 persistent connections',
      unit: 'req/s',
      direction: 'at least',
      absolute: 10_000,
      share: 0.5,
      points: 5,
    },
    p99: {
      title: 'p99 of the same',
      unit: 'ms',
      direction: 'at most',
      absolute: 50,
      share: 3,
      points: 3,
    },
    thousand: {
      title: 'connections served at once, of 1,000',
      unit: 'connections',
      direction: 'at least',
      absolute: 1000,
      share: 0.95,
      points: 3,
    },
    memory: {
      title: 'memory of its own (RssAnon) under load',
      unit: 'MB',
      direction: 'at most',
      absolute: 50,
      share: 1.5,
      points: 3,
    },
    growth: { ...growth, points: 2 },
    largeFile: {
      title: 'files of 10 MB',
      unit: 'MB/s',
      direction: 'at least',
      absolute: null,
      share: 0.5,
      points: 2,
    },
    overload: {
      title: 'answered in time at twice its capacity, of its peak',
      unit: '%',
      direction: 'at least',
      absolute: 80,
      share: 0.8,
      points: 2,
    },
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Target>>>>

/** The targets of a level, by name; none where the level has no bench. */
export function targetsOf(level: number): Readonly<Record<string, Target>> {
  const table: Readonly<Record<string, Readonly<Record<string, Target>>>> = targets
  return table[`level${level}`] ?? {}
}
