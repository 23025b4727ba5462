/**
 * `it` and `describe` for graded tests.
 *
 * Every test gets a server process of its own, started when the test asks for it and ended when the test ends.
 *
 *     it('answers GET / with 200', async ({ server }) => { … })
 *     it('refuses content over the limit', async ({ launch }) => {
 *       const server = await launch({ MAX_CONTENT_BYTES: '10' })
 */
import { inject, test } from 'vitest'
import type { Build } from '../../harness/build.ts'
import { Blocked } from '../../harness/expectation.ts'
import { SubmissionFault } from '../../harness/faults.ts'
import { launch, type Environment } from '../../harness/launch.ts'
import type { Grants } from '../../harness/sandbox/program.ts'
import type { Server } from '../../harness/server.ts'
import { Random } from './random.ts'

declare module 'vitest' {
  interface TaskMeta {
    /** The test works on what a module of the submission returned, which may be anything. */
    readsResults?: boolean
  }
  interface ProvidedContext {
    /** The submission that is graded. */
    readonly build: Build
    /** What every random choice of the run follows from. */
    readonly seed: number
  }
}

// SIGUSR1 would end this process, or open a debugger into it, for whoever runs beside it.
process.on('SIGUSR1', () => undefined)

export { describe } from 'vitest'

export interface Fixtures {
  /** Starts a server with these settings. */
  readonly launch: (environment?: Environment, grants?: Grants) => Promise<Server>
  /** A server with the default settings. */
  readonly server: Server
  /** The submission, for `probe`. */
  readonly build: Build
  /** Random values that depend on the seed and the test's title only. */
  readonly random: Random
}

export const it = test.extend<Fixtures>({
  launch: async ({}, use) => {
    const servers: Server[] = []
    await use(async (environment, grants) => {
      const server = await launchOrBlock(environment, grants)
      servers.push(server)
      return server
    })
    await Promise.all(servers.map((server) => server.stop()))
  },
  server: async ({ launch }, use) => {
    await use(await launch())
  },
  build: async ({ task }, use) => {
    task.meta.readsResults = true
    await use(inject('build'))
  },
  random: async ({ task }, use) => {
    await use(new Random(inject('seed'), task.name))
  },
})

async function launchOrBlock(environment?: Environment, grants?: Grants): Promise<Server> {
  try {
    return await launch(inject('build'), environment, grants)
  } catch (error) {
    if (error instanceof SubmissionFault) throw new Blocked(error.code, error.message)
    throw error
  }
}
