/** Given. What the server of level 3 is told. README.md says what each setting means. */
import { fileURLToPath } from 'node:url'
import { readSettings as readNumbers } from '../level1/settings.ts'
import type { CommonSettings } from '../level1/settings.ts'
import { defaults as earlierDefaults } from '../level2/settings.ts'

export const defaults = {
  ...earlierDefaults,
  KEEP_ALIVE_TIMEOUT_MS: 5_000,
  MAX_REQUESTS_PER_CONNECTION: 1_000,
  MAX_PIPELINE: 16,
  MAX_CONNECTIONS: 1_000,
  RATE_LIMIT: 100,
  RATE_WINDOW_MS: 60_000,
  SHUTDOWN_TIMEOUT_MS: 10_000,
} as const

export type Settings = CommonSettings &
  Readonly<Record<keyof typeof defaults, number>> & {
    /** Folder of the files under `/static/` [`public` beside `main.ts`]. */
    readonly STATIC_ROOT: string
  }

/**
 * Reads the settings of level 3 from the environment.
 *
 * @throws {SettingError} when one of them cannot be used
 */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  return {
    ...readNumbers(env, defaults),
    STATIC_ROOT: env['STATIC_ROOT'] ?? fileURLToPath(new URL('public', import.meta.url)),
  }
}
