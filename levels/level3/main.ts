/** Given. Starts the server of level 3: `npm start -- level3`. */
import { listen } from '../level1/listen.ts'
import { SettingError } from '../level1/settings.ts'
import { createServer } from './server.ts'
import { readSettings } from './settings.ts'

try {
  const settings = readSettings(process.env)
  const { server, shutDown } = createServer(settings)

  let isEnding = false
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      // Whoever asks twice does not want to wait.
      if (isEnding) process.exit(1)
      isEnding = true
      // Threads that still compute for somebody who left must not hold the exit.
      void shutDown().then((exitCode) => process.exit(exitCode))
    })
  }
  await listen(server, settings)
} catch (error) {
  if (!(error instanceof SettingError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}
