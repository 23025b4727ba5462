/** Waiting for somebody who may never come. */
import { availableParallelism, loadavg } from 'node:os'
import type { Socket } from 'node:net'
import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises'

const STEP_MS = 100

/** Where many programs wait for each processor, every one of them gets its turn later: so many times as late. */
export function crowding(): 1 | 2 | 4 {
  const waiting = (loadavg()[0] ?? 0) / availableParallelism()
  return waiting > 12 ? 4 : waiting > 6 ? 2 : 1
}

/**
 * Resolves when we have waited long enough.
 *
 * A busy machine can hold this very process up for seconds. Its timers are late then, and what they would call silence
 * was answered long ago. So each short step counts for its own length, however long it took; and what has come
 * meanwhile is read before patience ends.
 *
 * @throws {Error} `AbortError`, once the signal says that nobody waits any more
 */
export async function patienceEnds(ms: number, signal?: AbortSignal): Promise<void> {
  const options = { ref: false, ...(signal === undefined ? {} : { signal }) }
  for (let left = ms; left > 0; left -= STEP_MS) {
    await delay(Math.min(left, STEP_MS), undefined, options)
  }
  // After a timer, Node reads from its sockets, and only then comes here.
  await turn()
  await turn()
}

/**
 * A signal that aborts when patience ends; `stop` once nobody waits any more.
 *
 * Whoever looks again and again asks the signal before each look, whether it is the last one: on a busy machine a look
 * takes seconds itself, and one that began before says what was true then.
 */
export function patience(ms: number): { readonly signal: AbortSignal; readonly stop: () => void } {
  const ended = new AbortController()
  const stopped = new AbortController()
  patienceEnds(ms, stopped.signal).then(
    () => ended.abort(),
    () => undefined,
  )
  return { signal: ended.signal, stop: () => stopped.abort() }
}

/** A socket's own timer would count a pause of the machine as silence: so it is wound up this often. */
const SILENT_STEPS = 8

/** Calls `say` when nothing has come on a socket, and nothing gone, for so long. */
export function whenSilent(socket: Socket, ms: number, say: () => void): void {
  const moved = () => socket.bytesRead + socket.bytesWritten - socket.writableLength
  let [before, silent] = [0, 0]
  const look = async () => {
    const now = moved()
    silent = now === before ? silent + 1 : 1
    before = now
    if (silent >= SILENT_STEPS) {
      // As above: what has come meanwhile is read first.
      await turn()
      await turn()
      if (moved() === now) return say()
    }
    socket.setTimeout(ms / SILENT_STEPS)
  }
  socket.on('timeout', () => void look())
  socket.setTimeout(ms / SILENT_STEPS)
}
