/** Given. Starts the server of level 1: `npm start -- level1`. */
import { listen } from './listen.ts'
import { createServer } from './server.ts'
import { readSettings, SettingError } from './settings.ts'

try {
  const settings = readSettings(process.env, {
    MAX_REQUEST_LINE_BYTES: 8192,
    MAX_HEADER_BYTES: 16_384,
    MAX_CONTENT_BYTES: 1_048_576,
  })
  const server = createServer(settings)

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    // Level 1 may cut what runs; finishing it is task 3.9.
    process.once(signal, () => process.exit(0))
  }
  await listen(server, settings)
} catch (error) {
  if (!(error instanceof SettingError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}
