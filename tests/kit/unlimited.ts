/**
 * `it` and `describe` for level 3, whose servers count the requests of an address and end idle connections: here they
 * do not count, and they wait for a client as long as a busy machine may take, unless a test says otherwise.
 */
import { it as withLimit, type Fixtures } from './test.ts'

export { describe } from './test.ts'

const PATIENT = { RATE_LIMIT: '0', KEEP_ALIVE_TIMEOUT_MS: '60000', HEADER_TIMEOUT_MS: '60000' }

export const it = withLimit.extend<Pick<Fixtures, 'launch'>>({
  launch: async ({ launch }, use) => {
    await use((environment, grants) => launch({ ...PATIENT, ...environment }, grants))
  },
})
