/** Load by wrk, which is in C: beside servers this quick, a load generator in JavaScript would measure itself. */
import { spawn, spawnSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'

export interface WrkLoad {
  readonly port: number
  /** `/static/small.txt` */
  readonly target: string
  readonly connections: number
  /** How many requests of a connection are under way at once. */
  readonly pipelined: number
  readonly seconds: number
  /** Each request has these, too. */
  readonly fieldLines?: readonly string[]
}

/** What wrk saw in one round. */
export interface WrkRound {
  /** Answered in the round. */
  readonly requests: number
  readonly requestsPerSecond: number
  readonly p99Ms: number
}

export function hasWrk(): boolean {
  return spawnSync('wrk', ['--version'], { stdio: 'ignore' }).error === undefined
}

/**
 * Runs wrk, with one thread.
 *
 * @param cores - for `taskset`; none where there is no such thing
 * @param folder - where its script may lie
 * @throws {Error} when an answer was no 2xx, or a connection failed
 */
export async function runWrk(
  load: WrkLoad,
  cores: string | undefined,
  folder: string,
  signal?: AbortSignal,
): Promise<WrkRound> {
  const { port, target, connections, pipelined, seconds, fieldLines = [] } = load
  const script = pipelined > 1 ? ['-s', await pipelining(load, folder)] : []
  const fields = fieldLines.flatMap((line) => ['-H', line])
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency', ...fields, ...script]
  const command = ['wrk', ...args, `http://127.0.0.1:${port}${target}`]
  const [program = '', ...rest] =
    cores === undefined ? command : ['taskset', '-c', cores, ...command]
  const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'ignore'], signal })
  const failed = new Promise<never>((_, reject) => child.once('error', reject))
  const output = await Promise.race([text(child.stdout), failed])
  signal?.throwIfAborted()
  return read(output)
}

async function text(stream: AsyncIterable<unknown>): Promise<string> {
  let all = ''
  for await (const bytes of stream) all += String(bytes)
  return all
}

/** wrk counts an answer for each request of its script, and times the whole of them. */
async function pipelining({ target, pipelined }: WrkLoad, folder: string): Promise<string> {
  const script = path.join(folder, `pipelining-${pipelined}.lua`)
  await writeFile(
    script,
    `init = function() local r = {} for i = 1, ${pipelined} do r[i] = wrk.format("GET", "${target}") end all = table.concat(r) end
request = function() return all end
`,
  )
  return script
}

const MILLISECONDS: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000, m: 60_000 }

function read(output: string): WrkRound {
  const trouble = /Non-2xx or 3xx responses: \d+|Socket errors: .*(connect|timeout) [1-9].*/.exec(
    output,
  )
  if (trouble !== null) throw new Error(`wrk saw errors (${trouble[0]})`)
  const requests = /(\d+) requests in/.exec(output)?.[1]
  const rate = /Requests\/sec:\s+([\d.]+)/.exec(output)?.[1]
  const [, p99, unit = ''] = /99%\s+([\d.]+)(us|ms|s|m)/.exec(output) ?? []
  if (requests === undefined || rate === undefined || p99 === undefined)
    throw new Error('wrk ended without figures')
  return {
    requests: Number(requests),
    requestsPerSecond: Number(rate),
    p99Ms: Number(p99) * (MILLISECONDS[unit] ?? 1),
  }
}
