/** Given. Starts the server of level 2: `npm start -- level2`. */
import { listen } from '../level1/listen.ts'
import { readSettings, SettingError } from '../level1/settings.ts'
import { createServer } from './server.ts'
import { defaults } from './settings.ts'

try {
  const settings = readSettings(process.env, defaults)
  const server = createServer(settings)

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    // Level 2 may cut what runs; finishing it is task 3.9.
    process.once(signal, () => process.exit(0))
  }
  await listen(server, settings)
} catch (error) {
  if (!(error instanceof SettingError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}
