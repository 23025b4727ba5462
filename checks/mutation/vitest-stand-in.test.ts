import { beforeEach, describe as about, expect, it as fact } from 'vitest'
import {
  collected,
  describe,
  inject,
  provide,
  test,
  type CollectedTask,
} from './vitest-stand-in.ts'

beforeEach(() => {
  collected.length = 0
})

about('the stand-in for vitest', () => {
  fact('collects tests, and runs none of them', () => {
    let ran = false
    describe('a level', () => {
      test('one', async () => {
        ran = true
      })
      test('two', () => undefined)
    })
    expect(collected.map(({ title }) => title)).toEqual(['one', 'two'])
    expect(ran).toBe(false)
  })

  fact(
    'gives a test the values that it names, each made once, and lets them clean up afterwards',
    async () => {
      const events: string[] = []
      const it = test.extend({
        server: async ({ launch }, use) => {
          events.push('start a server')
          await use(`server of ${String(launch)}`)
          events.push('stop the server')
        },
        launch: async ({}, use) => {
          events.push('make launch')
          await use('launch')
          events.push('end launch')
        },
        unused: async ({}, use) => {
          events.push('never')
          await use(undefined)
        },
      })
      it('a fact', async ({ server, launch }) => {
        events.push(`${String(server)}, ${String(launch)}`)
      })
      await collected[0]?.run()
      expect(events).toEqual([
        'make launch',
        'start a server',
        'server of launch, launch',
        'stop the server',
        'end launch',
      ])
    },
  )

  fact('gives a fixture that replaces another the one that it replaces', async () => {
    const seen: unknown[] = []
    const plain = test.extend({
      launch: async ({}, use) => {
        await use('plain')
      },
    })
    const patient = plain.extend({
      launch: async ({ launch }, use) => {
        await use(`patient, ${String(launch)}`)
      },
    })
    plain('one', async ({ launch }) => {
      seen.push(launch)
    })
    patient('two', async ({ launch }) => {
      seen.push(launch)
    })
    for (const { run } of collected) await run()
    expect(seen).toEqual(['plain', 'patient, plain'])
  })

  fact('throws what the test throws, and cleans up', async () => {
    let isOver = false
    const it = test.extend({
      launch: async ({}, use) => {
        await use('launch')
        isOver = true
      },
    })
    it('a fact that is false', async ({ launch }) => {
      throw new Error(`not with ${String(launch)}`)
    })
    await expect(collected[0]?.run()).rejects.toThrow('not with launch')
    expect(isOver).toBe(true)
  })

  fact('throws what a fixture throws', async () => {
    const it = test.extend({
      server: async () => {
        throw new Error('it does not start')
      },
    })
    it('a fact', async ({ server }) => void server)
    await expect(collected[0]?.run()).rejects.toThrow('it does not start')
  })

  fact('lets a fixture say something about its test', async () => {
    const it = test.extend({
      build: async ({ task }, use) => {
        Object.assign((task as CollectedTask).meta, { readsResults: true })
        await use(undefined)
      },
    })
    it('a fact', async ({ build }) => void build)
    expect(collected[0]?.meta.readsResults).toBe(undefined)
    await collected[0]?.run()
    expect(collected[0]?.meta.readsResults).toBe(true)
  })

  fact('injects what was provided', () => {
    provide({ seed: 7 })
    expect(inject('seed')).toBe(7)
  })
})
