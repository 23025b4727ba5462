/**
 * Starts a submission's server, and names what goes wrong when it does not start.
 *
 * Ready means: it printed its line, and a connection was accepted while it was alive.
 */
import { once } from 'node:events'
import { connect } from 'node:net'
import path from 'node:path'
import type { Build } from './build.ts'
import { SubmissionFault } from './faults.ts'
import { patience } from './patience.ts'
import { listenersOf } from './proc.ts'
import type { Grants } from './sandbox/program.ts'
import { limitIn } from './sandbox/overstep.ts'
import { startIn } from './sandbox/sandbox.ts'
import { Server } from './server.ts'
import type { Address } from './wire/wire.ts'

/** Settings for the server: what its environment holds, and nothing else. */
export type Environment = Readonly<Record<string, string>>

/** A server gets this long to listen. It takes about 40 ms; a busy machine takes longer. */
const READY_MS = 10_000

/** Nobody reads so much before a server listens. */
const ENDLESS_BYTES = 1024 * 1024

/**
 * Starts the server of a build and waits until it is ready.
 *
 * @throws {SubmissionFault} when it does not become ready
 */
export async function launch(
  build: Build,
  environment: Environment = {},
  grants: Grants = {},
): Promise<Server> {
  const server = start(build, environment, grants)
  server.transcript.settings = Object.entries(environment)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')
  try {
    server.address = await ready(server, environment)
  } catch (error) {
    await server.stop()
    throw error
  }
  return server
}

/** Starts the server of a build without waiting for anything. */
export function start(build: Build, environment: Environment = {}, grants: Grants = {}): Server {
  const entry = path.join(build.folder, `level${build.level}`, 'main.js')
  const child = startIn(build.sandbox, {
    folder: build.folder,
    entry,
    environment: { PORT: '0', LOG: 'off', ...environment },
    grants: { workers: build.workers, ...grants },
  })
  return new Server(child, build.sandbox)
}

async function ready(server: Server, environment: Environment): Promise<Address> {
  const { signal: deadline, stop } = patience(READY_MS)
  try {
    for (;;) {
      // Only a line that has ended: a port cut in half is another port.
      const line = /^listening on http:\/\/(?:\[([^\]]+)\]|([^:\s]+)):(\d+)\/?[ \t\r]*\n/m.exec(
        server.stdout.text,
      )
      if (line !== null) {
        const said = { host: line[1] ?? line[2] ?? '', port: Number(line[3]) }
        await accepts(server, said, environment)
        return said
      }
      if (server.ended !== undefined) throw whyEnded(server)
      await server.outputOrExit(deadline)
    }
  } catch (error) {
    if (!deadline.aborted || error instanceof SubmissionFault) throw error
    throw whyNotReady(server)
  } finally {
    stop()
  }
}

/** One connection, closed at once. */
async function accepts(server: Server, said: Address, environment: Environment): Promise<void> {
  const wanted = environment['PORT'] ?? '0'
  if (wanted !== '0' && Number(wanted) !== said.port) {
    throw new SubmissionFault(
      'OTHER_PORT',
      `The server was told to listen on port ${wanted} (PORT), but says it listens on ${said.port}.`,
    )
  }
  if (said.port < 1 || said.port > 65_535) {
    throw new SubmissionFault(
      'OTHER_PORT',
      `The server says it listens on port ${said.port}, which is no port: print the one that \`address()\` gives.`,
    )
  }
  const socket = connect(said)
  try {
    await once(socket, 'connect')
  } catch (error) {
    if (server.ended !== undefined) throw whyEnded(server)
    throw whyRefused(server, said, error as NodeJS.ErrnoException)
  } finally {
    socket.destroy()
  }
}

function whyRefused(server: Server, said: Address, error: NodeJS.ErrnoException): SubmissionFault {
  const listeners = listenersOf(server.pid)
  const samePort = listeners.find(({ port }) => port === said.port)
  if (samePort?.ipv6) {
    return new SubmissionFault(
      'ONLY_IPV6',
      `The server listens on port ${said.port} of IPv6 only, so that 127.0.0.1 is refused: listen on the address in HOST.`,
    )
  }
  const other = listeners[0]
  if (other !== undefined) {
    return new SubmissionFault(
      'OTHER_PORT',
      `The server says it listens on port ${said.port}, but it listens on ${other.port}: listen on PORT, and print the port you got.`,
    )
  }
  return new SubmissionFault(
    'OTHER_PORT',
    `The server says it listens on port ${said.port}, but nothing accepts a connection there (${error.code ?? error.message}): print the line when the socket listens, not before.`,
    tail(server),
  )
}

function whyEnded(server: Server): SubmissionFault {
  server.checkSandbox()
  const { code, signal } = server.ended ?? { code: null, signal: null }
  const output = tail(server)
  // Whatever ended it first, its memory or our patience: this is why.
  if (signal !== null && printedBytes(server) > ENDLESS_BYTES) {
    const megabytes = Math.floor(printedBytes(server) / 2 ** 20)
    return new SubmissionFault(
      'OUTPUT_LIMIT',
      `The server printed more than ${megabytes} MB and was ended before it accepted a connection.`,
      output,
    )
  }
  if (server.overstepped !== undefined) {
    const { fault, what } = server.overstepped
    return new SubmissionFault(fault, `The server ${what} before it accepted a connection.`, output)
  }
  const ranInto = limitIn(output)
  if (ranInto !== undefined) {
    return new SubmissionFault(
      ranInto.fault,
      `The server ended before it accepted a connection: ${ranInto.what}.`,
      output,
    )
  }
  if (/EADDRINUSE|is in use/.test(output)) {
    return new SubmissionFault(
      'ADDRESS_IN_USE',
      'The port is in use by another program: listen on the port in PORT (0 means any free one), or stop what listens there.',
      output,
    )
  }
  if (signal !== null) {
    return new SubmissionFault(
      'KILLED',
      `The server was ended by ${signal} before it accepted a connection.`,
      output,
    )
  }
  const advice =
    code === 0
      ? 'It ended by itself: does main.ts call listen, and does nothing call process.exit?'
      : 'The last lines it printed say why.'
  return new SubmissionFault(
    'EXITED',
    `The server ended with exit code ${code ?? 'unknown'} before it accepted a connection. ${advice}`,
    output,
  )
}

function whyNotReady(server: Server): SubmissionFault {
  const listeners = listenersOf(server.pid)
  const seconds = READY_MS / 1000
  if (listeners.length > 0) {
    const { port, ipv6 } = listeners[0] ?? { port: 0, ipv6: false }
    return new SubmissionFault(
      ipv6 && listeners.every((listener) => listener.ipv6) ? 'ONLY_IPV6' : 'NO_LINE',
      `The server listens on port ${port}, but in ${seconds} s it did not print the line "listening on http://127.0.0.1:${port}".`,
      tail(server),
    )
  }
  if (printedBytes(server) > ENDLESS_BYTES)
    return new SubmissionFault(
      'OUTPUT_LIMIT',
      `The server never listened; it printed for ${seconds} s.`,
      tail(server),
    )
  // It takes a process a while to die of a full heap.
  const ranInto = limitIn(server.stderr.text)
  if (ranInto !== undefined)
    return new SubmissionFault(ranInto.fault, `The server never listened: ${ranInto.what}.`)
  return new SubmissionFault(
    'TOO_SLOW',
    `In ${seconds} s the server neither listened nor ended: does something run for ever, or wait, before listen is called?`,
    tail(server),
  )
}

function printedBytes({ stdout, stderr }: Server): number {
  return stdout.bytes + stderr.bytes
}

function tail(server: Server): string {
  return server.lastLines() || server.stdout.text.trimEnd().split('\n').slice(-6).join('\n')
}
