import { describe, expect, it } from 'vitest'
import { Expectation } from '../../harness/expectation.ts'
import { probe } from '../../harness/probe.ts'
import { built } from '../kit/submission.ts'

const main = { 'level1/main.ts': '' }

describe('probe', () => {
  it('calls into a module in a process of the submission, and brings the result back', async () => {
    const build = await built({
      ...main,
      'level1/twice.ts': 'export const twice = (n: number) => 2 * n\n',
    })
    const result = await probe(
      build,
      'level1/twice.ts',
      (module: { twice(n: number): number }, n: number) => module.twice(n),
      21,
    )
    expect(result).toBe(42)
  })

  const wrong: [title: string, text: string, message: RegExp][] = [
    [
      'throws',
      'export const f = () => { throw new TypeError("not today") }',
      /TypeError: not today/,
    ],
    ['does not load', 'throw new Error("broken module")', /broken module/],
    ['ends the process', 'export const f = () => process.exit(0)', /ended \(exit code 0\)/],
    [
      'never returns',
      'export const f = () => new Promise(() => setInterval(() => {}, 1000))',
      /nothing for 1.5 s/,
    ],
    ['loops for ever', 'export const f = () => { for (;;); }', /nothing for 1.5 s/],
  ]
  for (const [title, text, message] of wrong) {
    it(`tells of a function that ${title}`, async () => {
      const build = await built({ ...main, 'level1/f.ts': `${text}\n` })
      const probing = probe(build, 'level1/f.ts', (module: { f(): null }) => module.f(), null, {
        patienceMs: 1500,
      })
      await expect(probing).rejects.toBeInstanceOf(Expectation)
      await expect(probing).rejects.toThrow(message)
    })
  }

  it('names the file and the line of the learner where something was thrown, and when', async () => {
    const load = 'interface Unused {}\n\nexport const cases = [undefinedWord]\n'
    const call =
      'export interface Unused {}\nexport const f = () => {\n  throw new RangeError("far")\n}\n'
    const build = await built({ ...main, 'level1/load.ts': load, 'level1/call.ts': call })
    for (const [file, expected, received] of [
      [
        'level1/load.ts',
        'a module that loads',
        'ReferenceError: undefinedWord is not defined (levels/level1/load.ts, line 3)',
      ],
      ['level1/call.ts', 'a result', 'RangeError: far (levels/level1/call.ts, line 3)'],
    ] as const) {
      const probing = probe(build, file, (module: { f(): null }) => module.f(), null)
      await expect(probing).rejects.toMatchObject({ failure: { expected, received } })
    }
  })

  it('says of a module that is missing where it comes from', async () => {
    const build = await built(main)
    const probing = probe(build, 'level1/cases.ts', () => null, null)
    await expect(probing).rejects.toMatchObject({
      failure: {
        steps: ['load levels/level1/cases.ts'],
        received:
          'there is no levels/level1/cases.ts. Take it back from the archive that you were given, or with\ngit checkout -- levels/level1/cases.ts',
      },
    })
  })

  it('says what was done, and why, when the module never lets it come to its end', async () => {
    const build = await built({
      ...main,
      'level1/wait.ts': 'export const f = () => new Promise(() => setInterval(() => {}, 1000))\n',
    })
    const about = { steps: ['make a pool', 'run a job'], why: 'a job comes to its end' }
    const look = (module: { f(): Promise<null> }) => module.f()
    const probing = probe(build, 'level1/wait.ts', look, null, { patienceMs: 500, about })
    await expect(probing).rejects.toMatchObject({ failure: about })
  })

  it('keeps what the module prints out of the result', async () => {
    const build = await built({
      ...main,
      'level1/f.ts': `console.log('{"result":100}'); export const f = () => 1\n`,
    })
    expect(await probe(build, 'level1/f.ts', (module: { f(): number }) => module.f(), null)).toBe(1)
  })
})
