/**
 * Given. Reads the settings of a server from the environment.
 *
 * Every setting has one name, the one it has in the environment: `MAX_CONTENT_BYTES=10 npm start -- level1`
 * arrives as `settings.MAX_CONTENT_BYTES === 10`.
 */

/** A setting that cannot be used, in a sentence for whoever started the server. */
export class SettingError extends Error {
  override readonly name = 'SettingError'
}

/** What every level's server is told. */
export interface CommonSettings {
  /** Address to listen on [`127.0.0.1`]. */
  readonly HOST: string
  /** Port to listen on [8080]; 0 means any free one. */
  readonly PORT: number
  /** `false` writes no log lines [`on`]. */
  readonly LOG: boolean
}

/**
 * Reads `HOST`, `PORT`, `LOG` and the numbers named in `defaults`.
 *
 * @throws {SettingError} when a number is not a whole number of 0 or more, or `LOG` neither `on` nor `off`
 */
export function readSettings<const Name extends string>(
  env: NodeJS.ProcessEnv,
  defaults: Readonly<Record<Name, number>>,
): CommonSettings & Readonly<Record<Name, number>> {
  const numbers = Object.fromEntries(
    Object.entries<number>(defaults).map(([name, fallback]) => [
      name,
      wholeNumber(env, name, fallback),
    ]),
  ) as Record<Name, number>
  return {
    HOST: env['HOST'] ?? '127.0.0.1',
    PORT: portNumber(env),
    LOG: onOrOff(env, 'LOG'),
    ...numbers,
  }
}

function portNumber(env: NodeJS.ProcessEnv): number {
  const port = wholeNumber(env, 'PORT', 8080)
  if (port > 65535) throw new SettingError(`PORT must be at most 65535, but it is ${port}.`)
  return port
}

function wholeNumber(env: NodeJS.ProcessEnv, name: string, fallback: number): number {
  const text = env[name]
  if (text === undefined) return fallback
  if (!/^[0-9]{1,15}$/.test(text)) {
    throw new SettingError(`${name} must be a whole number of 0 or more, but it is "${text}".`)
  }
  return Number(text)
}

function onOrOff(env: NodeJS.ProcessEnv, name: string): boolean {
  const text = env[name] ?? 'on'
  if (text !== 'on' && text !== 'off') {
    throw new SettingError(`${name} must be "on" or "off", but it is "${text}".`)
  }
  return text === 'on'
}
