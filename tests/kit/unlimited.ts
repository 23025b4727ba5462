/**
 * `it` and `describe` for level 3, whose servers count the requests of an address: here they do not, unless a test
 * sets RATE_LIMIT itself.
 */
import { it as withLimit, type Fixtures } from './test.ts'

export { describe } from './test.ts'

export const it = withLimit.extend<Pick<Fixtures, 'launch'>>({
  launch: async ({ launch }, use) => {
    await use((environment, grants) => launch({ RATE_LIMIT: '0', ...environment }, grants))
  },
})
