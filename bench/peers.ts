/**
 * Measures the reference of level 3 beside the servers that people use today, in pairs, in one run.
 *
 *     apt-get install wrk nginx-light && npm ci --prefix tools/peers
 *     node bench/peers.ts [part of a title]
 *
 * A round of one server follows a round of the other, on the same load; the figure is the median of
 * the ratios, pair by pair. Server and load have a core each. Nothing else should run meanwhile.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, truncate, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type Build } from '../harness/build.ts'
import { takeIn } from '../harness/intake.ts'
import { memoryOf } from '../harness/proc.ts'
import { releaseGroup, temporaryFolder, watchGroup } from '../harness/reaper.ts'
import { levelNumbered } from '../levels/register.ts'
import { median } from './level1.ts'

const ROUNDS = 5
const ROUND_SECONDS = 2
const WARM_UP_SECONDS = 2
const root = fileURLToPath(new URL('..', import.meta.url))

/** A server that is up. */
interface Running {
  readonly port: number
  readonly pid: number
  stop(): Promise<void>
}

interface Contender {
  readonly name: string
  start(): Promise<Running>
}

/** What wrk saw in one round. */
interface Round {
  readonly requestsPerSecond: number
  readonly p99Ms: number
}

interface Comparison {
  readonly title: string
  readonly path: string
  readonly connections: number
  readonly pipelined?: number
  readonly figure: 'requestsPerSecond' | 'p99Ms'
  readonly against: readonly Contender[]
}

async function main(filter: string): Promise<void> {
  for (const tool of ['wrk', 'taskset']) {
    if (spawnSync(tool, ['--version'], { stdio: 'ignore' }).error !== undefined) {
      process.stderr.write(`There is no ${tool} on this machine: apt-get install wrk util-linux.\n`)
      process.exitCode = 2
      return
    }
  }
  const folder = await temporaryFolder()
  const files = path.join(folder, 'static')
  await mkdir(files)
  await writeFile(path.join(files, 'small.txt'), 'x'.repeat(1024))
  await writeFile(path.join(files, 'large.bin'), '')
  await truncate(path.join(files, 'large.bin'), 10 * 1024 * 1024)

  const ours = await reference(folder, files)
  const peer = (name: string, file: string): Contender => ({
    name,
    start: () => startNode(path.join(root, 'tools/peers/servers', file), { STATIC_ROOT: files }),
  })
  const nodeHttp = peer('node:http', 'node-http.mjs')
  const files1 = [peer('sirv', 'sirv.mjs'), peer('@fastify/static', 'fastify-static.mjs')]
  const comparisons: readonly Comparison[] = [
    {
      title: 'GET /, 100 connections, req/s',
      path: '/',
      connections: 100,
      figure: 'requestsPerSecond',
      against: [nodeHttp, peer('fastify', 'fastify.mjs'), nginx(folder)],
    },
    {
      title: 'GET /, 100 connections, p99 ms',
      path: '/',
      connections: 100,
      figure: 'p99Ms',
      against: [nodeHttp],
    },
    {
      title: 'GET /, 16 pipelined, 100 connections, req/s',
      path: '/',
      connections: 100,
      pipelined: 16,
      figure: 'requestsPerSecond',
      against: [nginx(folder), nodeHttp],
    },
    {
      title: 'static 1 KB, 100 connections, req/s',
      path: '/static/small.txt',
      connections: 100,
      figure: 'requestsPerSecond',
      against: files1,
    },
    {
      title: 'static 10 MB, 20 connections, req/s',
      path: '/static/large.bin',
      connections: 20,
      figure: 'requestsPerSecond',
      against: files1,
    },
  ]
  process.stdout.write(
    `${cpus()[0]?.model.trim() ?? ''}, ${cpus().length} cores, Node ${process.versions.node}; ${ROUNDS} rounds of ${ROUND_SECONDS} s in turns, wrk\n\n`,
  )
  for (const comparison of comparisons) {
    if (!comparison.title.includes(filter)) continue
    for (const other of comparison.against) await compare(comparison, ours, other)
  }
}

async function compare(comparison: Comparison, ours: Contender, other: Contender): Promise<void> {
  const [a, b] = [await ours.start(), await other.start()]
  try {
    await verifySame(a.port, b.port, comparison.path)
    for (const each of [a, b]) await load(each, comparison, WARM_UP_SECONDS)
    const pairs: [Round, Round][] = []
    for (let round = 0; round < ROUNDS; round++) {
      // A B, then B A: neither always meets the warmer machine.
      const first = await load(round % 2 === 0 ? a : b, comparison, ROUND_SECONDS)
      const second = await load(round % 2 === 0 ? b : a, comparison, ROUND_SECONDS)
      pairs.push(round % 2 === 0 ? [first, second] : [second, first])
    }
    const { figure } = comparison
    const values = (index: 0 | 1) => pairs.map((pair) => pair[index][figure])
    const ratios = pairs.map(([mine, theirs]) => mine[figure] / theirs[figure])
    const numbers = `${median(values(0)).toFixed(1)} to ${median(values(1)).toFixed(1)}`
    const range = `${Math.min(...ratios).toFixed(2)}-${Math.max(...ratios).toFixed(2)}`
    const memory = ((memoryOf(a.pid)?.anonymous ?? 0) / 2 ** 20).toFixed(1)
    process.stdout.write(
      `${comparison.title} | against ${other.name} | ${median(ratios).toFixed(2)} x (${range}) | ${numbers} | our RssAnon ${memory} MiB\n`,
    )
  } finally {
    await a.stop()
    await b.stop()
  }
}

/** The reference of level 3 with every feature on: requests are counted, by address and by connection, and never refused. */
async function reference(folder: string, files: string): Promise<Contender> {
  const level = levelNumbered(3)
  if (level === undefined) throw new Error('the register has no level 3')
  const intake = await takeIn(path.join(root, 'solutions'), 3, path.join(folder, 'source'))
  const built: Build = await build(intake, level, path.join(folder, 'build'))
  const settings = {
    LOG: 'off',
    RATE_LIMIT: '1000000000',
    MAX_REQUESTS_PER_CONNECTION: '1000000000',
    MAX_CONNECTIONS: '2000',
    STATIC_ROOT: files,
  }
  return {
    name: 'ours',
    start: () => startNode(path.join(built.folder, 'level3/main.js'), settings),
  }
}

function nginx(folder: string): Contender {
  return {
    name: 'nginx, one worker',
    start: async () => {
      const port = 20_000 + Math.floor(Math.random() * 20_000)
      const configuration = path.join(folder, `nginx-${port}.conf`)
      await writeFile(
        configuration,
        `worker_processes 1; daemon off; pid ${folder}/nginx.pid; error_log ${folder}/nginx.log;
events { worker_connections 4096; }
http { access_log off; client_body_temp_path ${folder}/b; proxy_temp_path ${folder}/p; fastcgi_temp_path ${folder}/f; uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
server { listen 127.0.0.1:${port}; default_type "text/plain; charset=utf-8"; location / { return 200 "Hello, World!"; } } }\n`,
      )
      return await started(onCore(0, 'nginx', ['-c', configuration]), () => accepting(port))
    },
  }
}

function startNode(entry: string, env: Readonly<Record<string, string>>): Promise<Running> {
  const child = onCore(0, process.execPath, [entry], env)
  return started(child, async () => {
    let text = ''
    for await (const bytes of child.stdout ?? []) {
      text += String(bytes)
      const port = /listening on http:\/\/[^:]+:(\d+)/.exec(text)?.[1]
      if (port !== undefined) return Number(port)
    }
    throw new Error(`${entry} ended before it listened`)
  })
}

async function started(child: ChildProcess, port: () => Promise<number>): Promise<Running> {
  const { pid = 0 } = child
  watchGroup(pid)
  const ended = once(child, 'exit')
  return {
    pid,
    port: await port(),
    stop: async () => {
      child.kill('SIGTERM')
      const force = setTimeout(() => process.kill(-pid, 'SIGKILL'), 3000)
      await ended
      clearTimeout(force)
      releaseGroup(pid)
    },
  }
}

function onCore(
  core: number,
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): ChildProcess {
  return spawn('taskset', ['-c', String(core), program, ...args], {
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { PATH: process.env['PATH'] ?? '', PORT: '0', ...env },
  })
}

async function accepting(port: number): Promise<number> {
  for (;;) {
    const answered = await fetch(`http://127.0.0.1:${port}/`).then(
      () => true,
      () => false,
    )
    if (answered) return port
  }
}

/** Two servers that are compared give the same answer. */
async function verifySame(ours: number, theirs: number, target: string): Promise<void> {
  const [a, b] = await Promise.all(
    [ours, theirs].map(async (port) => {
      const response = await fetch(`http://127.0.0.1:${port}${target}`)
      return {
        status: response.status,
        length: response.headers.get('content-length'),
        content: Buffer.from(await response.arrayBuffer()),
      }
    }),
  )
  if (
    a?.status !== 200 ||
    b?.status !== 200 ||
    a.length !== b.length ||
    !a.content.equals(b.content)
  ) {
    throw new Error(
      `the two servers answer ${target} differently: ${a?.status} with ${a?.length} bytes, ${b?.status} with ${b?.length} bytes`,
    )
  }
}

async function load(
  { port }: Running,
  { path: target, connections, pipelined = 1 }: Comparison,
  seconds: number,
): Promise<Round> {
  const script = path.join(await scripts(), `pipeline-${pipelined}.lua`)
  await writeFile(
    script,
    `init = function() local r = {} for i = 1, ${pipelined} do r[i] = wrk.format("GET", "${target}") end request_all = table.concat(r) end\nrequest = function() return request_all end\n`,
  )
  const args = [
    '-t1',
    `-c${connections}`,
    `-d${seconds}s`,
    '--latency',
    ...(pipelined > 1 ? ['-s', script] : []),
  ]
  const child = onCore(1 % cpus().length, 'wrk', [...args, `http://127.0.0.1:${port}${target}`])
  let output = ''
  for await (const bytes of child.stdout ?? []) output += String(bytes)
  if (/Non-2xx|Socket errors: connect [1-9]|timeout [1-9]/.test(output))
    throw new Error(`wrk saw errors:\n${output}`)
  const requests = /Requests\/sec:\s+([\d.]+)/.exec(output)?.[1]
  const [, p99, unit = 'ms'] = /99%\s+([\d.]+)(us|ms|s)/.exec(output) ?? []
  if (requests === undefined || p99 === undefined) throw new Error(`wrk said:\n${output}`)
  const factor = { us: 0.001, ms: 1, s: 1000 }[unit] ?? 1
  return { requestsPerSecond: Number(requests), p99Ms: Number(p99) * factor }
}

let scriptFolder: Promise<string> | undefined
function scripts(): Promise<string> {
  scriptFolder ??= temporaryFolder()
  return scriptFolder
}

await main(process.argv[2] ?? '')
