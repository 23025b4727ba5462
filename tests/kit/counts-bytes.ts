import type { Server } from '../../harness/server.ts'
import { holds } from './holds.ts'
import { needs } from './needs.ts'
import { get } from './request.ts'

/** A client cuts an answer off where Content-Length ends, so that its content says nothing while characters are counted. */
export async function countsBytes(server: Server): Promise<void> {
  await needs('1.2', 'Content-Length does not count the bytes of an answer yet.', () =>
    holds(server, {
      send: get('/greet?name=%C3%AB'),
      expect: { fields: { 'Content-Length': '10' }, content: 'Hello, \xc3\xab!' },
      why: 'task 1.2',
    }),
  )
}
