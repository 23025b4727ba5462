/** All connections of the reference read into one buffer: nothing of one may turn up in another. */
import { Socket, type AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { withSharedReads } from '../../solutions/level3/read-buffer.ts'
import { createServer, type ProductionServer } from '../../solutions/level3/server.ts'
import { readSettings } from '../../solutions/level3/settings.ts'
import { Client } from '../level2/client.ts'

let production: ProductionServer
let port: number

beforeAll(async () => {
  production = createServer(readSettings({ PORT: '0', LOG: 'off', MAX_PIPELINE: '2' }))
  const { server } = production
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})

afterAll(async () => {
  await production.shutDown()
})

const get = (target: string) => `GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`
const post = (content: string) =>
  `POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: ${content.length}\r\n\r\n${content}`

/** Has the server read `bytes` of another client. */
async function overwrite(bytes: string): Promise<void> {
  const other = new Client(port)
  await other.send(bytes).until('HTTP/1.1 ')
  other.leave()
}

it('keeps the requests of a pipeline that has to wait', async () => {
  const client = new Client(port)
  client.send(get('/fib/30') + get('/fib/29') + get('/users/7') + post('mine') + get('/users/8'))
  await overwrite(get('/users/1').repeat(40))
  const answers = await client.until('"8"')
  expect([...answers.matchAll(/\r\n\r\n([^\r\n]*?)(?=HTTP|$)/g)].map(([, text]) => text)).toEqual([
    '{"n":30,"value":832040}',
    '{"n":29,"value":514229}',
    '{"id":"7"}',
    'mine',
    '{"id":"8"}',
  ])
  client.leave()
})

it('keeps a request of which the rest comes later', async () => {
  const client = new Client(port)
  const bytes = get('/users/7') + post('0123456789')
  for (let at = 0; at < bytes.length; at += 20) {
    client.send(bytes.slice(at, at + 20))
    await overwrite(post('x'.repeat(200)))
  }
  expect(await client.until('0123456789')).toContain('{"id":"7"}')
  client.leave()
})

it('leaves a socket alone that does not tell what it stands for', () => {
  const socket = new Socket()
  expect(withSharedReads(socket)).toBe(socket)
  expect(socket.destroyed).toBe(false)
})
