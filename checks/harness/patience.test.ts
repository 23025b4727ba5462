import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { patienceEnds } from '../../harness/patience.ts'

/** Holds this process up, as a busy machine does. */
function holdUp(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

describe('patience', () => {
  it('ends when the time has passed', async () => {
    const start = performance.now()
    await patienceEnds(250)
    expect(performance.now() - start).toBeGreaterThanOrEqual(245)
  })

  it('does not count the time in which this process was held up', async () => {
    let ended = false
    const patience = patienceEnds(1000).then(() => (ended = true))
    await delay(50)
    holdUp(1500)
    await delay(200)
    expect(ended).toBe(false)
    await patience
  })

  it('notices first what has come meanwhile', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1').pause()
    const [peer] = (await once(server, 'connection')) as [Socket]
    // Nobody reads yet: the bytes wait in the system.
    await new Promise<void>((resolve) => peer.end('came', resolve))
    socket.resume()
    const came = once(socket, 'data').then(([bytes]) => String(bytes))
    const patience = patienceEnds(1).then(() => 'ended')
    holdUp(20)
    expect(await Promise.race([came, patience])).toBe('came')
    server.close()
  })

  it('rejects once nobody waits any more', async () => {
    const stop = new AbortController()
    const patience = patienceEnds(60_000, stop.signal)
    stop.abort()
    await expect(patience).rejects.toThrow(/abort/i)
  })
})
