/** What a server says when it cannot start. */
import type { Build } from '../../harness/build.ts'
import { start, type Environment } from '../../harness/launch.ts'
import { patience } from '../../harness/patience.ts'
import { PATIENCE_MS } from '../../harness/wire/wire.ts'

/**
 * Checks that a server with these settings ends with exit code 1 and one line on stderr.
 *
 * @returns the line
 */
export async function refusesToStart(
  build: Build,
  environment: Environment,
  why: string,
): Promise<string> {
  const server = start(build, environment)
  const { signal, stop } = patience(PATIENCE_MS)
  try {
    await server.outputOrExit(signal).catch(() => undefined)
    const settings = Object.entries(environment).map(([name, value]) => `${name}="${value}"`)
    server.transcript.note(0, `start the server with ${settings.join(' ')}`)
    const ended = server.stdout.bytes === 0 && !signal.aborted ? await server.exit : undefined
    if (ended?.code !== 1) {
      throw server.fails({
        expected: 'the server ends with exit code 1',
        received:
          ended === undefined ? 'it goes on' : `${ended.signal ?? `exit code ${ended.code}`}`,
        why,
      })
    }
    const lines = withoutWarnings(server.stderr.text)
    if (lines.length !== 1) {
      throw server.fails({ expected: 'one line on stderr', received: `${lines.length} lines`, why })
    }
    return lines[0] ?? ''
  } finally {
    stop()
    await server.stop()
  }
}

/** The lines of stderr that Node did not write by itself. */
export function withoutWarnings(stderr: string): string[] {
  return stderr
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^\(node:\d+\)|^\(Use `node /.test(line))
}
