/** The ways in which a connection can end. */
import type { Server } from '../../harness/server.ts'
import { get, head } from './request.ts'
import { crowd, type Visitor } from './visitor.ts'

/** What one client does, from its beginning to its end. */
export interface Ending {
  readonly title: string
  play(visitor: Visitor): Promise<unknown> | undefined
}

const HALF = 'GET / HTTP/1.1\r\nHost: loc'
const LARGE = get('/bytes/50000000')

async function answered(visitor: Visitor, send: string): Promise<void> {
  await visitor.send(send).fate
  visitor.close()
}

/** As soon as the answer begins. */
async function left(visitor: Visitor, send: string, leave: 'reset' | 'close'): Promise<void> {
  await visitor.send(send).fate
  visitor[leave]()
}

export const endings: readonly Ending[] = [
  {
    title: 'FIN before the first byte',
    play: (visitor) => visitor.end().ended,
  },
  {
    title: 'a reset before the first byte',
    play: (visitor) => void visitor.reset(),
  },
  {
    title: 'FIN inside of a head',
    play: (visitor) => visitor.send(HALF).end().ended,
  },
  {
    title: 'a reset inside of a head',
    play: (visitor) => void visitor.send(HALF).reset(),
  },
  {
    title: 'an answer with the close option',
    play: (visitor) => answered(visitor, get('/', 'Connection: close')),
  },
  {
    title: 'an answer, then a reset',
    play: (visitor) => left(visitor, get('/'), 'reset'),
  },
  {
    title: 'an answer, then FIN',
    play: async (visitor) => {
      await visitor.send(get('/')).fate
      await visitor.end().ended
    },
  },
  {
    title: '400',
    play: (visitor) => answered(visitor, 'GET\r\n\r\n'),
  },
  {
    title: '413',
    play: (visitor) => answered(visitor, head('POST /echo HTTP/1.1', 'Content-Length: 9999999')),
  },
  {
    title: '404 to HTTP/1.0',
    play: (visitor) => answered(visitor, 'GET /nothing HTTP/1.0\r\n\r\n'),
  },
  {
    title: 'a handler that throws',
    play: (visitor) => answered(visitor, get('/fail', 'Connection: close')),
  },
  {
    title: 'FIN inside of the content',
    play: (visitor) =>
      visitor.send(`${head('POST /echo HTTP/1.1', 'Content-Length: 100')}abc`).end().ended,
  },
  {
    title: 'a reset inside of the content',
    play: (visitor) =>
      void visitor.send(`${head('POST /echo HTTP/1.1', 'Content-Length: 100')}abc`).reset(),
  },
  {
    title: 'a reset while the handler runs',
    play: (visitor) => void visitor.send(get('/work')).reset(),
  },
  {
    title: 'a reset inside of the answer',
    play: (visitor) => left(visitor, LARGE, 'reset'),
  },
  {
    title: 'a close inside of the answer',
    play: (visitor) => left(visitor, LARGE, 'close'),
  },
  {
    title: 'a reset with a pipeline under way',
    play: (visitor) => left(visitor, get('/') + get('/work').repeat(20), 'reset'),
  },
]

/** Fills so many places of a server, as often as `rounds` says for each way to end, with clients that end in that way. */
export async function endInEveryWay(server: Server, places: number, rounds: number): Promise<void> {
  for (const { title, play } of endings) {
    server.transcript.note(0, `${places * rounds} clients, ${places} at a time, end with: ${title}`)
    for (let round = 0; round < rounds; round++) {
      const visitors = await crowd(server, places)
      await Promise.all(visitors.map(async (visitor) => play(visitor)))
      for (const visitor of visitors) visitor.close()
    }
  }
}
