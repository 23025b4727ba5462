/**
 * `node checks/level3/questions.ts`: the figures of the advanced questions of level 3 (solutions/level3/NOTES.md), on this machine.
 *
 * CPU is user and system time of the server divided by what it answered; the servers that are compared take turns.
 */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { median } from 'simple-statistics'
import { everyFeatureOn } from '../../bench/peers.ts'
import { nginxPeer, type Running } from '../../bench/peer-servers.ts'
import { place, placement } from '../../bench/placement.ts'
import { runWrk } from '../../bench/wrk.ts'
import { launch } from '../../harness/launch.ts'
import { cpuTimeOf } from '../../harness/proc.ts'
import { removeFolder, temporaryFolder } from '../../harness/reaper.ts'
import { buildEdited, type Edit } from '../../tests/kit/edited.ts'

const ROUNDS = 5
const SECONDS = 2
const FILE_BYTES = 10 * 1024 * 1024
const KIB = 1024

const cores = placement()

/** What is asked, and of whom. */
interface Side {
  readonly name: string
  readonly server: Running
  readonly target: string
  readonly connections: number
  readonly fieldLines?: readonly string[]
}

const folder = await temporaryFolder()
await chmod(folder, 0o755)
const files = path.join(folder, 'static')
await mkdir(files)
await writeFile(path.join(files, 'large.bin'), randomBytes(FILE_BYTES))
try {
  await zeroCopy()
  await keptConnections()
  await draining()
  await bufferSizes()
} finally {
  await removeFolder(folder)
}

async function zeroCopy(): Promise<void> {
  const large = { target: '/static/large.bin', connections: 4 }
  const nginx = (sendfile: 'on' | 'off') =>
    nginxPeer(
      folder,
      cores?.server,
      `sendfile ${sendfile}; location /static/ { root ${folder}; }`,
    ).start()
  await inTurns('a file of 10 MB', [
    { name: 'level 3', server: await ours(), ...large },
    { name: 'nginx, sendfile on', server: await nginx('on'), ...large },
    { name: 'nginx, sendfile off', server: await nginx('off'), ...large },
  ])
}

async function keptConnections(): Promise<void> {
  const all = { server: await ours(), target: '/', connections: 100 }
  await inTurns('GET /', [
    { ...all, name: 'kept connections' },
    { ...all, name: 'a connection for each request', fieldLines: ['Connection: close'] },
  ])
}

/** How long a server takes to go, with 900 idle connections and 100 that wait for `/work`. */
async function draining(): Promise<void> {
  for (const sendFin of [true, false]) {
    const times: number[] = []
    for (let round = 0; round < ROUNDS; round++) times.push(await drainMs(sendFin))
    const clients = sendFin ? 'clients close when the server does' : 'clients never send FIN'
    say(`900 idle, 100 on /work, ${clients}: gone after`, times, 'ms')
  }
}

async function drainMs(sendFin: boolean): Promise<number> {
  const server = await launch(await buildEdited({ name: 'reference', what: '', edits: [] }, 3), {
    RATE_LIMIT: '0',
    MAX_CONNECTIONS: '2000',
  })
  const client = async () => {
    const socket = connect({ ...server.address, allowHalfOpen: !sendFin })
    socket.on('error', () => undefined)
    await once(socket, 'connect')
    return socket
  }
  const answered = async (socket: Socket) => {
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await once(socket, 'data')
  }
  const sockets: Socket[] = []
  // The kernel keeps some hundred that are not accepted yet.
  while (sockets.length < 1000)
    sockets.push(...(await Promise.all(Array.from({ length: 50 }, client))))
  for (const socket of sockets) await answered(socket)
  for (const socket of sockets.slice(0, 100)) socket.write('GET /work HTTP/1.1\r\nHost: a\r\n\r\n')
  await delay(20)
  for (const socket of sockets) socket.resume()
  const begun = performance.now()
  server.signal('SIGTERM')
  const { code } = await server.exit
  const took = performance.now() - begun
  for (const socket of sockets) socket.destroy()
  await server.stop()
  if (code !== 0) throw new Error(`it ended with exit code ${code ?? 'none'}`)
  return took
}

/** Sizes of the reference, other ones, and what they cost. */
async function bufferSizes(): Promise<void> {
  const size = (file: string, name: string, now: number) => (bytes: number) => ({
    file: `level3/${file}.ts`,
    find: `const ${name} = ${String(now).replace(/(\d)(?=\d{3}$)/, '$1_')}`,
    replace: `const ${name} = ${bytes}`,
  })
  const piece = size('file-content', 'PIECE_BYTES', 128 * KIB)
  const read = size('read-buffer', 'READ_BYTES', 64 * KIB)
  const small = size('output', 'SMALL_BYTES', 4 * KIB)
  const large = { target: '/static/large.bin', connections: 4 }
  await inTurns('a piece of a file: 10 MB', await edited(piece, [32, 64, 128, 256, 512], large))
  const root = { target: '/', connections: 100 }
  await inTurns('one read: GET /', await edited(read, [4, 16, 64, 256], root))
  const content = { target: '/bytes/3000', connections: 50 }
  await inTurns('content copied behind its head, 3,000 bytes', await edited(small, [1, 4], content))
  const longer = { target: '/bytes/12000', connections: 50 }
  await inTurns(
    'content copied behind its head, 12,000 bytes',
    await edited(small, [4, 16], longer),
  )
}

async function edited(
  edit: (bytes: number) => Edit,
  kibibytes: readonly number[],
  load: Pick<Side, 'target' | 'connections'>,
): Promise<Side[]> {
  const sides: Side[] = []
  for (const each of kibibytes)
    sides.push({ name: `${each} KiB`, server: await ours(edit(each * KIB)), ...load })
  return sides
}

/** The reference, edited. */
async function ours(...edits: readonly Edit[]): Promise<Running> {
  const build = await buildEdited({ name: 'reference', what: '', edits }, 3)
  const settings = { ...everyFeatureOn, STATIC_ROOT: files }
  const server = await launch(build, settings, { read: [files] })
  if (cores !== undefined) place(server.pid, cores.server)
  return {
    port: server.address.port,
    pid: server.pid,
    memory: () => server.memory()?.anonymous,
    stop: () => server.stop(),
  }
}

async function inTurns(what: string, sides: readonly Side[]): Promise<void> {
  const costs = new Map(sides.map((side) => [side, [] as number[]]))
  try {
    for (const side of sides) await cost(side)
    for (let round = 0; round < ROUNDS; round++)
      for (const side of round % 2 === 0 ? sides : sides.toReversed())
        costs.get(side)?.push(await cost(side))
  } finally {
    for (const server of new Set(sides.map((side) => side.server))) await server.stop()
  }
  for (const [{ name }, each] of costs) say(`${what}, ${name}: CPU`, each, 'µs')
}

/** CPU of the server for one request, in microseconds. */
async function cost({ server, ...load }: Side): Promise<number> {
  const { pid, port } = server
  const before = cpuTimeOf(pid) ?? 0
  const round = { ...load, port, pipelined: 1, seconds: SECONDS }
  const { requests } = await runWrk(round, cores?.load, folder)
  return ((cpuTimeOf(pid) ?? 0) - before) / requests
}

function say(what: string, values: readonly number[], unit: string): void {
  const [low, middle, high] = [Math.min(...values), median([...values]), Math.max(...values)]
  const [a, b, c] = [middle, low, high].map((value) => value.toPrecision(3))
  process.stdout.write(`${what} ${a} ${unit} (${b} to ${c})\n`)
}
