/** Does the server start, and does it answer anything at all? Asked once, before any test. */
import type { Build } from './build.ts'
import { Expectation } from './expectation.ts'
import { SubmissionFault } from './faults.ts'
import { launch } from './launch.ts'
import type { Grants } from './sandbox/program.ts'
import type { Wire } from './wire/wire.ts'

const PATIENCE_MS = 10_000

/** Who says nothing for so long has said what there is to say: the tests look at that. */
const PAUSE_MS = 2_500
/** No header section is so long. */
const ENDLESS_BYTES = 1024 * 1024

/** Every test would have to wait for an answer that grows for ever. */
async function dripsForEver(wire: Wire): Promise<boolean> {
  const deadline = performance.now() + PATIENCE_MS
  while (!wire.pending.includes('\r\n\r\n')) {
    if (performance.now() > deadline || wire.bytesReceived > ENDLESS_BYTES) return true
    if (!(await wire.received(wire.bytesReceived + 1, PAUSE_MS))) return false
  }
  return false
}

/**
 * Starts the server, sends it one request, and waits for the first byte or the end of the connection.
 *
 * Whether the answer is right is for the tests to say, also where the server dies of the first client: parts of it
 * may be tested without it.
 *
 * @throws {SubmissionFault} when it does not start, says nothing, or says more and more that never becomes an answer
 */
export async function firstContact(build: Build, grants: Grants = {}): Promise<void> {
  const server = await launch(build, {}, grants)
  try {
    const wire = await server.connect()
    await wire.send('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await wire.received(1, PATIENCE_MS)
    if (wire.bytesReceived > 0 && (await dripsForEver(wire))) {
      throw new SubmissionFault(
        'NEVER_ANSWERS',
        `The server answers "GET /" with a header section that has no end: ${wire.bytesReceived} bytes so far, more and more of it, and no empty line.`,
        server.lastLines(),
      )
    }
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
