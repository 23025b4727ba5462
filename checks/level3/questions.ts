/**
 * `node checks/level3/questions.ts`: the figures of the advanced questions of level 3 (solutions/level3/NOTES.md), on this machine.
 *
 * CPU is user and system time of the server divided by what it answered; the servers that are compared take turns.
 */
import { execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { median } from 'simple-statistics'
import { placement, place } from '../../bench/placement.ts'
import type { Build } from '../../harness/build.ts'
import { launch } from '../../harness/launch.ts'
import { cpuTimeOf } from '../../harness/proc.ts'
import { releaseGroup, removeFolder, temporaryFolder, watchGroup } from '../../harness/reaper.ts'
import { buildEdited, type Edit } from '../../tests/kit/edited.ts'

const ROUNDS = 5
const SECONDS = 2
const FILE_BYTES = 10 * 1024 * 1024
const NGINX_PORT = 9931
const KIB = 1024

const cores = placement()
const run = promisify(execFile)

/** What is measured: where, and what is asked. */
interface Side {
  readonly name: string
  readonly pid: number
  readonly port: number
  readonly target: string
  readonly connections: number
  readonly fieldLines?: readonly string[]
  readonly stop?: () => Promise<void>
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
  const sides = [
    { ...(await ours('level 3')), ...large },
    { ...(await nginx(NGINX_PORT, true)), ...large },
    { ...(await nginx(NGINX_PORT + 1, false)), ...large },
  ]
  await inTurns('a file of 10 MB, CPU in µs', sides)
}

async function keptConnections(): Promise<void> {
  const server = await ours('level 3')
  const all = { ...server, target: '/', connections: 100 }
  await inTurns('GET /, CPU in µs', [
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
  await inTurns(
    'a piece of a file: 10 MB, CPU in µs',
    await edited(piece, [32, 64, 128, 256, 512], large),
  )
  const root = { target: '/', connections: 100 }
  await inTurns('one read: GET /, CPU in µs', await edited(read, [4, 16, 64, 256], root))
  const content = { target: '/bytes/3000', connections: 50 }
  await inTurns(
    'content copied behind its head, 3,000 bytes: CPU in µs',
    await edited(small, [1, 4], content),
  )
  const longer = { target: '/bytes/12000', connections: 50 }
  await inTurns(
    'content copied behind its head, 12,000 bytes: CPU in µs',
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
    sides.push({ ...(await ours(`${each} KiB`, [edit(each * KIB)])), ...load })
  return sides
}

async function ours(
  name: string,
  edits: readonly Edit[] = [],
): Promise<Omit<Side, 'target' | 'connections'>> {
  const build: Build = await buildEdited({ name, what: '', edits }, 3)
  const settings = {
    RATE_LIMIT: '1000000000',
    MAX_REQUESTS_PER_CONNECTION: '1000000000',
    MAX_CONNECTIONS: '2000',
    STATIC_ROOT: files,
  }
  const server = await launch(build, settings, { read: [files] })
  if (cores !== undefined) place(server.pid, cores.server)
  return { name, pid: server.pid, port: server.address.port, stop: () => server.stop() }
}

async function nginx(
  port: number,
  sendfile: boolean,
): Promise<Omit<Side, 'target' | 'connections'>> {
  const kinds = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  const file = path.join(folder, `nginx-${port}.conf`)
  await writeFile(
    file,
    `user root; worker_processes 1; daemon off; pid ${folder}/nginx-${port}.pid; error_log ${folder}/nginx.log;
events { worker_connections 1024; }
http { access_log off; sendfile ${sendfile ? 'on' : 'off'}; ${kinds.map((kind) => `${kind}_temp_path ${folder}/${kind};`).join(' ')}
server { listen 127.0.0.1:${port}; location /static/ { root ${folder}; } } }
`,
  )
  const child = spawn('nginx', ['-e', `${folder}/nginx.log`, '-c', file], {
    detached: true,
    stdio: 'ignore',
  })
  const { pid = 0 } = child
  watchGroup(pid)
  if (cores !== undefined) place(pid, cores.server)
  for (let answers = false; !answers; await delay(20))
    answers = await fetch(`http://127.0.0.1:${port}/static/none`).then(
      () => true,
      () => false,
    )
  const stop = async () => {
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    await ended
    releaseGroup(pid)
  }
  return { name: `nginx, sendfile ${sendfile ? 'on' : 'off'}`, pid, port, stop }
}

async function inTurns(what: string, sides: readonly Side[]): Promise<void> {
  const costs = new Map(sides.map((side) => [side, [] as number[]]))
  try {
    for (const side of sides) await cost(side)
    for (let round = 0; round < ROUNDS; round++)
      for (const side of round % 2 === 0 ? sides : sides.toReversed())
        costs.get(side)?.push(await cost(side))
  } finally {
    for (const stop of new Set(sides.map((side) => side.stop))) await stop?.()
  }
  for (const [{ name }, each] of costs) say(`${what}, ${name}:`, each, 'µs')
}

/** CPU of the server for one request, in microseconds. */
async function cost({ pid, port, target, connections, fieldLines = [] }: Side): Promise<number> {
  const lines = fieldLines.flatMap((line) => ['-H', line])
  const wrk = ['wrk', '-t1', `-c${connections}`, `-d${SECONDS}s`, ...lines]
  const before = cpuTimeOf(pid) ?? 0
  const command = [...(cores === undefined ? [] : ['taskset', '-c', cores.load]), ...wrk]
  const [program = '', ...args] = [...command, `http://127.0.0.1:${port}${target}`]
  const { stdout } = await run(program, args)
  const requests = Number(/(\d+) requests in/.exec(stdout)?.[1])
  if (!(requests > 0) || /Non-2xx/.test(stdout)) throw new Error(`wrk saw no answers: ${stdout}`)
  return ((cpuTimeOf(pid) ?? 0) - before) / requests
}

function say(what: string, values: readonly number[], unit: string): void {
  const [low, middle, high] = [Math.min(...values), median([...values]), Math.max(...values)]
  const [a, b, c] = [middle, low, high].map((value) => value.toPrecision(3))
  process.stdout.write(`${what} ${a} ${unit} (${b} to ${c})\n`)
}
