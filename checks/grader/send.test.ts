/** `npm run send` is a client that adds nothing and hides nothing. */
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import { root } from '../../grader/course.ts'
import { begin } from '../kit/command.ts'

/** A server that notes every read, and the port that it has. */
async function server(onConnection: (socket: Socket, reads: string[]) => void) {
  const reads: string[] = []
  const listening = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('data', (bytes) => reads.push(bytes.toString('latin1')))
    onConnection(socket, reads)
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void listening.close())
  await once(listening, 'listening')
  return { reads, port: (listening.address() as AddressInfo).port }
}

async function send(port: number, bytes: string, ...options: readonly string[]) {
  const child = begin(['send', ...options], { PORT: String(port) }, 'pipe')
  if (child.stdin === null || child.stdout === null || child.stderr === null)
    throw new Error('the command has no pipes')
  child.stdin.end(Buffer.from(bytes, 'latin1'))
  const [stdout, stderr] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ])
  return { stdout, stderr, code: child.exitCode }
}

describe('npm run send', () => {
  it('sends the bytes of stdin as they are, and shows what comes back', async () => {
    const { port, reads } = await server((socket) =>
      socket.once('data', () => socket.end('answer\r\n')),
    )
    expect(await send(port, 'a\0\xff\r\n')).toEqual({
      stdout: 'answer\r\n',
      stderr: 'The server ended the connection (FIN).\n',
      code: 0,
    })
    expect(reads.join('')).toBe('a\0\xff\r\n')
  })

  it('ends its direction if it is told to, and waits for the answer', async () => {
    const { port } = await server((socket) => socket.once('end', () => socket.end('late')))
    expect(await send(port, 'GET', '--end')).toMatchObject({ stdout: 'late', code: 0 })
  })

  it('sends byte by byte if it is told to', async () => {
    const { port, reads } = await server((socket, reads) =>
      socket.on('data', () => {
        if (reads.join('') === 'abcdefgh') socket.end()
      }),
    )
    await send(port, 'abcdefgh', '--one-by-one')
    expect(reads.length).toBeGreaterThan(1)
  })

  it('tells a reset from FIN', async () => {
    const { port } = await server((socket) => socket.once('data', () => socket.resetAndDestroy()))
    expect(await send(port, 'GET')).toEqual({
      stdout: '',
      stderr: 'The server ended the connection with a reset (RST).\n',
      code: 1,
    })
  })

  it('begins its own words on a line of their own, where both outputs are one', async () => {
    const { port } = await server((socket) => socket.once('data', () => socket.end('no line end')))
    const command = `printf GET | "$0" "$1" send 2>&1`
    const main = path.join(root, 'grader/main.js')
    const { stdout } = await promisify(execFile)('sh', ['-c', command, process.execPath, main], {
      env: { ...process.env, PORT: String(port) },
    })
    expect(stdout).toBe('no line end\nThe server ended the connection (FIN).\n')
  })

  it('says what to do when nothing listens', async () => {
    const idle = createServer().listen(0, '127.0.0.1')
    await once(idle, 'listening')
    const { port } = idle.address() as AddressInfo
    idle.close()
    await once(idle, 'close')
    expect(await send(port, 'GET')).toEqual({
      stdout: '',
      stderr: `Nothing listens on port ${port}. In another terminal: PORT=${port} npm start -- level1 (or another level)\n`,
      code: 1,
    })
  })
})
