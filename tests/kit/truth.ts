/** Servers of ours whose truth is known, for load testers: each request is counted here, where no submission can reach. */
import { createServer, type Socket } from 'node:net'
import { toBuffer, type Bytes } from '../../harness/wire/bytes.ts'

/** A request that came in whole. */
export interface Arrival {
  /** From 0, over all connections. */
  readonly number: number
  /** From 0, on its connection. */
  readonly turn: number
  /** The request line and the header section, each line end a `\n`. */
  readonly head: string
  readonly content: Buffer
  readonly socket: Socket
  /** On the clock of `performance.now()`. */
  readonly atMs: number
  /** Sends an answer, and notes when. */
  answer(bytes?: Bytes): void
}

export interface Truth {
  readonly url: string
  readonly arrivals: readonly Arrival[]
  /** How long each answer took, in the order in which they were sent. */
  readonly tookMs: readonly number[]
  /** Connections, in all. */
  readonly connections: number
  /** The most that were open at the same time. */
  readonly mostOpen: number
  /** The most requests that waited for their answers at the same time. */
  readonly mostWaiting: number
}

/** A complete answer on a connection that stays open. */
export function ok(content = 'ok', status = 200, ...fieldLines: readonly string[]): string {
  return [
    `HTTP/1.1 ${status} Whatever`,
    ...fieldLines,
    `Content-Length: ${content.length}`,
    '',
    content,
  ].join('\r\n')
}

/**
 * Calls back when so much time has passed, and never sooner. A timer alone counts from the beginning of a turn of the
 * loop, and on a busy machine that may lie long ago.
 */
export function notBefore(ms: number, call: () => void): void {
  const due = performance.now() + ms
  const look = () => {
    const leftMs = due - performance.now()
    if (leftMs > 0) setTimeout(look, Math.ceil(leftMs))
    else call()
  }
  look()
}

/** Starts a server that reacts to each request as it is told, and ends it when `use` is done. */
export async function truly<Result>(
  react: (arrival: Arrival) => void,
  use: (truth: Truth) => Promise<Result>,
): Promise<Result> {
  const arrivals: Arrival[] = []
  const tookMs: number[] = []
  const sockets = new Set<Socket>()
  const count = { connections: 0, mostOpen: 0, waiting: 0, mostWaiting: 0 }
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    let received = Buffer.alloc(0)
    let turn = 0
    let waiting = 0
    sockets.add(socket)
    count.connections++
    count.mostOpen = Math.max(count.mostOpen, sockets.size)
    socket.on('error', () => {})
    socket.on('end', () => socket.end())
    socket.on('close', () => {
      sockets.delete(socket)
      count.waiting -= waiting
      waiting = 0
    })
    socket.on('data', (bytes: Buffer) => {
      received = Buffer.concat([received, bytes])
      for (;;) {
        const end = received.indexOf('\r\n\r\n')
        const head = received.toString('latin1', 0, end).replaceAll('\r\n', '\n')
        const length = Number(/^content-length: *(\d+)$/im.exec(head)?.[1] ?? 0)
        if (end === -1 || received.length < end + 4 + length) return
        const content = received.subarray(end + 4, end + 4 + length)
        received = received.subarray(end + 4 + length)
        const atMs = performance.now()
        waiting++
        count.mostWaiting = Math.max(count.mostWaiting, ++count.waiting)
        const answer = (answerBytes: Bytes = ok()) => {
          if (socket.destroyed) return
          tookMs.push(performance.now() - atMs)
          waiting--
          count.waiting--
          socket.write(toBuffer(answerBytes))
        }
        const arrival = {
          number: arrivals.length,
          turn: turn++,
          head,
          content,
          socket,
          atMs,
          answer,
        }
        arrivals.push(arrival)
        react(arrival)
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const truth: Truth = {
    url: `http://127.0.0.1:${port}/load?a=b`,
    arrivals,
    tookMs,
    get connections() {
      return count.connections
    },
    get mostOpen() {
      return count.mostOpen
    },
    get mostWaiting() {
      return count.mostWaiting
    },
  }
  try {
    return await use(truth)
  } finally {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  }
}

/** A port on which nothing listens. */
export async function closedPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}
