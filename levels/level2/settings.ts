/** Given. What the server of level 2 is told. README.md says what each setting means. */
import type { CommonSettings } from '../level1/settings.ts'

export const defaults = {
  MAX_REQUEST_LINE_BYTES: 8192,
  MAX_HEADER_BYTES: 16_384,
  MAX_CONTENT_BYTES: 1_048_576,
  HEADER_TIMEOUT_MS: 10_000,
  BODY_TIMEOUT_MS: 60_000,
  WRITE_TIMEOUT_MS: 60_000,
  MAX_QUEUE: 64,
  POOL_SIZE: 0,
} as const

export type Settings = CommonSettings & Readonly<Record<keyof typeof defaults, number>>
