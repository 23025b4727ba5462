/** The servers that people use today, as processes of their own: what a level 3 is measured against. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { once } from 'node:events'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { setTimeout as delay } from 'node:timers/promises'
import { memoryOf } from '../harness/proc.ts'
import { releaseGroup, watchGroup } from '../harness/reaper.ts'
import { place } from './placement.ts'

/** A server that is up. */
export interface Running {
  readonly port: number
  readonly pid: number
  /** RssAnon of its process tree, where the system tells. */
  readonly memory: () => number | undefined
  readonly stop: () => Promise<void>
}

export interface Peer {
  readonly name: string
  /** Why it cannot be started on this machine, in a sentence. */
  readonly missing?: string | undefined
  readonly start: () => Promise<Running>
}

const READY_MS = 10_000
const folderOfPeers = fileURLToPath(new URL('../tools/peers/', import.meta.url))

/**
 * A server of `tools/peers/servers`.
 *
 * @param needs - the package that it is made with; `node:http` needs none
 * @param files - the folder that it serves under `/static/`
 */
export function nodePeer(
  name: string,
  file: string,
  needs: string | undefined,
  files: string,
  cores: string | undefined,
): Peer {
  const installed =
    needs === undefined || existsSync(path.join(folderOfPeers, 'node_modules', needs))
  return {
    name,
    missing: installed ? undefined : `${name} is not installed: npm ci --prefix tools/peers.`,
    start: async () => {
      const child = begin(process.execPath, [path.join(folderOfPeers, 'servers', file)], cores, {
        STATIC_ROOT: files,
      })
      return await running(child, name, () => saidPort(child))
    },
  }
}

/** The answer of `GET /`, as `node:http` has it in `tools/peers`. */
const HELLO = 'default_type "text/plain; charset=utf-8"; location / { return 200 "Hello, World!"; }'

/**
 * nginx with one worker, as the Node servers have one thread.
 *
 * @param serves - directives of its server
 */
export function nginxPeer(folder: string, cores: string | undefined, serves = HELLO): Peer {
  const found = spawnSync('nginx', ['-v'], { stdio: 'ignore' }).error === undefined
  return {
    name: 'nginx, one worker',
    missing: found ? undefined : 'nginx is not installed: apt-get install nginx-light.',
    start: async () => {
      const port = await freePort()
      const configuration = path.join(folder, `nginx-${port}.conf`)
      await writeFile(configuration, nginxConfiguration(folder, port, serves))
      const child = begin('nginx', ['-e', `${folder}/nginx.log`, '-c', configuration], cores)
      return await running(child, 'nginx', () => accepting(port))
    },
  }
}

function nginxConfiguration(folder: string, port: number, serves: string): string {
  const kinds = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  const temporary = kinds.map((kind) => `${kind}_temp_path ${folder}/${kind};`).join(' ')
  return `worker_processes 1; daemon off; pid ${folder}/nginx-${port}.pid; error_log ${folder}/nginx.log;
events { worker_connections 4096; }
http { access_log off; ${temporary}
server { listen 127.0.0.1:${port}; ${serves} } }
`
}

function begin(
  program: string,
  args: readonly string[],
  cores: string | undefined,
  environment: Readonly<Record<string, string>> = {},
): ChildProcess {
  const child = spawn(program, args, {
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { PATH: process.env['PATH'] ?? '', PORT: '0', ...environment },
  })
  // What could not be started has no pid, and is told when its port is waited for.
  child.on('error', () => undefined)
  if (child.pid !== undefined) watchGroup(child.pid)
  if (child.pid !== undefined && cores !== undefined) place(child.pid, cores)
  return child
}

/** @throws {Error} when it does not listen in time; then it is stopped */
async function running(
  child: ChildProcess,
  name: string,
  port: () => Promise<number>,
): Promise<Running> {
  const stop = () => stopped(child)
  const gaveUp = new AbortController()
  const late = async () => {
    await delay(READY_MS, undefined, { signal: gaveUp.signal })
    throw new Error(`${name} did not listen within ${READY_MS / 1000} s`)
  }
  const ended = async () => {
    await once(child, 'exit', { signal: gaveUp.signal })
    throw new Error(`${name} ended before it listened`)
  }
  try {
    const found = await Promise.race([port(), late(), ended()])
    const { pid = 0 } = child
    return { port: found, pid, memory: () => memoryOf(pid)?.anonymous, stop }
  } catch (error) {
    await stop()
    throw error
  } finally {
    gaveUp.abort()
  }
}

async function stopped(child: ChildProcess): Promise<void> {
  const { pid } = child
  if (pid === undefined) return
  if (child.exitCode === null && child.signalCode === null) {
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    const force = setTimeout(() => child.kill('SIGKILL'), 3000)
    await ended
    clearTimeout(force)
  }
  releaseGroup(pid)
}

async function saidPort({ stdout }: ChildProcess): Promise<number> {
  let text = ''
  for await (const bytes of stdout ?? []) {
    text += String(bytes)
    const port = /listening on http:\/\/[^:]+:(\d+)/.exec(text)?.[1]
    if (port !== undefined) return Number(port)
  }
  throw new Error('it said no port')
}

async function accepting(port: number): Promise<number> {
  for (;;) {
    const answered = await fetch(`http://127.0.0.1:${port}/`).then(
      () => true,
      () => false,
    )
    if (answered) return port
    await delay(20)
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}
