/** Every number that the course promises, in one table. */

/** A target is met by the absolute number, or by the stated share of the reference in the same run. */
export interface Target {
  readonly title: string
  readonly unit: string
  readonly atLeast: number
  readonly shareOfReference: number
}

export const targets = {
  level1: {
    oneClient: {
      title: '/ from one client at a time',
      unit: 'req/s',
      atLeast: 1000,
      shareOfReference: 0.5,
    },
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Target>>>>
