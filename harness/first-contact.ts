/** Does the server start, and does it answer anything at all? Asked once, before any test. */
import type { Build } from './build.ts'
import { Expectation } from './expectation.ts'
import { SubmissionFault } from './faults.ts'
import { launch } from './launch.ts'
import type { Grants } from './sandbox/program.ts'

const PATIENCE_MS = 10_000

/**
 * Starts the server, sends it one request, and waits for the first byte or the end of the connection.
 *
 * Whether the answer is right is for the tests to say, also where the server dies of the first client: parts of it
 * may be tested without it.
 *
 * @throws {SubmissionFault} when it does not start, or says nothing
 */
export async function firstContact(build: Build, grants: Grants = {}): Promise<void> {
  const server = await launch(build, {}, grants)
  try {
    const wire = await server.connect()
    await wire.send('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await wire.received(1, PATIENCE_MS)
    if (wire.bytesReceived > 0 || wire.ended !== 'still open') return
    throw new SubmissionFault(
      'NEVER_ANSWERS',
      `The server accepts a connection, but answers "GET /" with nothing for ${PATIENCE_MS / 1000} s: is the request ever read, and the answer ever written? Or does a loop never end?`,
      server.lastLines(),
    )
  } catch (error) {
    if (!(error instanceof Expectation)) throw error
  } finally {
    await server.stop()
  }
}
