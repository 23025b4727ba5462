/** One request on a connection of its own, timed; the cheapest client that still checks what it got. */
import { connect } from 'node:net'
import { readResponse, type Response } from '../harness/wire/response.ts'
import type { Address } from '../harness/wire/wire.ts'

export interface Exchange {
  /** When the connection was opened and when the response was complete, in ms of `performance.now()`. */
  readonly from: number
  readonly to: number
  readonly response: Response
}

const PATIENCE_MS = 20_000

/**
 * Sends a request, and reads its response.
 *
 * @throws {Error} when no complete response comes
 */
export function exchange(address: Address, request: string): Promise<Exchange> {
  return new Promise((resolve, reject) => {
    const from = performance.now()
    const socket = connect(address)
    const patience = setTimeout(() => fail('no complete response within 20 s'), PATIENCE_MS)
    let received: Buffer = Buffer.alloc(0)
    const fail = (message: string) => {
      clearTimeout(patience)
      socket.destroy()
      reject(new Error(message))
    }
    const look = (ended: boolean) => {
      const read = readResponse(received, ended)
      if (read === undefined) return false
      clearTimeout(patience)
      socket.destroy()
      resolve({ from, to: performance.now(), response: read.response })
      return true
    }
    const guarded = (ended: boolean) => {
      try {
        if (!look(ended) && ended) fail('the connection ended before the response was complete')
      } catch (error) {
        fail(error instanceof Error ? error.message : String(error))
      }
    }
    socket.on('error', (error) => fail(error.message))
    socket.on('data', (bytes) => {
      received = received.length === 0 ? bytes : Buffer.concat([received, bytes])
      guarded(false)
    })
    socket.on('end', () => guarded(true))
    socket.write(request)
  })
}
