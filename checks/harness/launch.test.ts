import { createServer } from 'node:net'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { launch } from '../../harness/launch.ts'
import { firstContact } from '../../harness/first-contact.ts'
import { built, serverThat } from '../kit/submission.ts'

const faults: [title: string, code: string, main: string][] = [
  ['ends at once', 'EXITED', 'process.exit(0)'],
  ['throws', 'EXITED', 'throw new Error("no such luck")'],
  ['ends itself by a signal', 'KILLED', 'process.kill(process.pid, "SIGKILL")'],
  [
    'says one port and listens on another',
    'OTHER_PORT',
    `import { createServer } from 'node:net'
const server = createServer().listen(0, '127.0.0.1', () => console.log('listening on http://127.0.0.1:1'))`,
  ],
  [
    'says a port that is none',
    'OTHER_PORT',
    `console.log('listening on http://127.0.0.1:99999'); setInterval(() => {}, 1000)`,
  ],
  [
    'listens on IPv6 only',
    'ONLY_IPV6',
    `import { createServer } from 'node:net'
const server = createServer().listen({ port: 0, host: '::1', ipv6Only: true }, () => console.log('listening on http://127.0.0.1:' + (server.address() as { port: number }).port))`,
  ],
  [
    'prints its line before it listens, and never does',
    'OTHER_PORT',
    `console.log('listening on http://127.0.0.1:1'); setInterval(() => {}, 1000)`,
  ],
  [
    'prints without end',
    'OUTPUT_LIMIT',
    `setInterval(() => process.stdout.write('x'.repeat(1 << 20)), 0)`,
  ],
]

describe('launch', () => {
  it('resolves once the server has printed its line and accepts a connection', async () => {
    const server = await launch(await built(serverThat('socket.end()')))
    expect(server.address.port).toBeGreaterThan(0)
    await server.stop()
    expect(server.ended).toBeDefined()
  })

  it('reads the port from the whole line, in however many writes it comes', async () => {
    const files = serverThat('socket.end()')
    const main = (files['level1/main.ts'] ?? '').replace(
      "console.log('listening on http://127.0.0.1:' + port)",
      `const line = 'listening on http://127.0.0.1:' + port + '\\n'
  process.stdout.write(line.slice(0, -4))
  setTimeout(() => process.stdout.write(line.slice(-4)), 100)`,
    )
    const server = await launch(await built({ 'level1/main.ts': main }))
    expect(server.address.port).toBeGreaterThan(999)
    await server.stop()
  })

  for (const [title, code, main] of faults) {
    it(`names what is wrong with a server that ${title}`, async () => {
      const build = await built({ 'level1/main.ts': `${main}\n` })
      await expect(launch(build)).rejects.toMatchObject({ code })
    })
  }

  it.concurrent(
    'names a server that never listens, and one that never prints its line',
    async () => {
      const silent = await built({
        'level1/main.ts': `import { createServer } from 'node:net'\ncreateServer().listen(0, '127.0.0.1')\n`,
      })
      const idle = await built({ 'level1/main.ts': 'setInterval(() => {}, 1000)\n' })
      await Promise.all([
        expect(launch(silent)).rejects.toMatchObject({ code: 'NO_LINE' }),
        expect(launch(idle)).rejects.toMatchObject({ code: 'TOO_SLOW' }),
      ])
    },
  )

  it.concurrent('names a server that accepts and never answers', async () => {
    await expect(firstContact(await built(serverThat('')))).rejects.toMatchObject({
      code: 'NEVER_ANSWERS',
    })
  })

  it.concurrent('names a server whose answer has no end', async () => {
    const drips = serverThat(
      `socket.write('HTTP/1.1 200 OK\\r\\nX: '); const drip = setInterval(() => socket.write('y'), 200); socket.on('close', () => clearInterval(drip))`,
    )
    await expect(firstContact(await built(drips))).rejects.toMatchObject({
      code: 'NEVER_ANSWERS',
      message: expect.stringMatching(/a header section that has no end/) as string,
    })
  })

  it.concurrent('leaves an answer that stops half-way to the tests', async () => {
    const stops = serverThat(`socket.write('HTTP/1.1 200 OK\\r\\n')`)
    await firstContact(await built(stops))
  })

  it('names a port that is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as { port: number }
    const build = await built(serverThat('socket.end()'))
    await expect(launch(build, { PORT: String(port) })).rejects.toMatchObject({
      code: 'ADDRESS_IN_USE',
    })
    other.close()
  })

  it('gives the server its settings and nothing of our own environment', async () => {
    const build = await built(serverThat('socket.end(Object.keys(process.env).sort().join())'))
    const server = await launch(build, { MAX_CONTENT_BYTES: '10' })
    const wire = await server.connect()
    await wire.ending()
    expect(wire.pending.toString()).toBe('LOG,MAX_CONTENT_BYTES,PORT')
    await server.stop()
  })

  it('keeps the beginning of what a server prints, and counts the rest', async () => {
    const server = await launch(
      await built(serverThat(`socket.end(); console.error('y'.repeat(1_000_000))`)),
    )
    const wire = await server.connect()
    await wire.ending()
    await server.stop()
    expect(server.stderr.text.length).toBeLessThanOrEqual(64 * 1024)
  })

  it('does not let a server write, start processes, or read outside of its copy', async () => {
    const build = await built({
      'level1/main.ts': `import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
const tried = [() => readFileSync('/etc/hostname'), () => writeFileSync('/tmp/loadbearing-proof', ''), () => process.kill(0, 0)]
const codes = tried.slice(0, 2).map((go) => { try { go(); return 'done' } catch (error) { return (error as NodeJS.ErrnoException).code } })
const server = createServer((socket) => socket.on('error', () => {}).end(codes.join()))
server.listen(0, '127.0.0.1', () => console.log('listening on http://127.0.0.1:' + (server.address() as { port: number }).port))
`,
    })
    const server = await launch(build)
    const wire = await server.connect()
    await wire.ending()
    expect(wire.pending.toString()).toBe('ERR_ACCESS_DENIED,ERR_ACCESS_DENIED')
    await server.stop()
  })
})
