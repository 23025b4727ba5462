/** What level 3 measures: persistent connections, many of them, files, memory, and more than it can serve. */
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Bench } from './bench.ts'
import { besideFib } from './level2.ts'
import { growth, stalledReaders, type GrowthScenario } from './memory.ts'
import { overload } from './overload.ts'
import { word, type Random } from './random.ts'
import {
  echo,
  file,
  greet,
  hello,
  mixed,
  mostlyHello,
  user,
  type PlannedRequest,
} from './requests.ts'
import { lateLook, rounds } from './rounds.ts'
import { megabytes, megabytesPerSecond, p99, rate, type Scenario } from './scenario.ts'
import { thousandConnections } from './thousand.ts'

export const throughput: Scenario = {
  id: 'throughput',
  title: '/ with 100 persistent connections',
  kind: 'persistent',
  connections: 100,
  requests: mostlyHello,
  // Measured first: nothing but this has happened in the process, and nobody has asked for /fib.
  targets: { throughput: rate, p99, memory: megabytes },
}

/** The quickest load there is: what is kept of a request shows after some ten thousands. */
export const keptOfRequests: GrowthScenario = {
  id: 'growth',
  title: '/ with 32 persistent connections, 16 pipelined, equal rounds',
  kind: 'persistent',
  connections: 32,
  pipelining: 16,
  requestsPerRound: 20_000,
  requests: mostlyHello,
}

export async function level3(bench: Bench, files: Files): Promise<void> {
  const kinds = [hello, greet, echo, user, () => files.small]
  const early = await rounds(bench, throughput)
  await growth(bench, keptOfRequests)
  await thousandConnections(bench)
  await rounds(bench, {
    id: 'mixed',
    title: 'every quick route, 50 persistent connections',
    kind: 'persistent',
    connections: 50,
    requests: (random) => mixed(random, kinds),
  })
  await rounds(bench, {
    id: 'static-small',
    title: 'a file of 1 KB, 50 persistent connections',
    kind: 'persistent',
    connections: 50,
    requests: () => [files.small],
  })
  await rounds(bench, {
    id: 'static-large',
    title: 'files of 10 MB, 10 persistent connections',
    kind: 'persistent',
    connections: 10,
    requests: () => [files.large],
    targets: { largeFile: megabytesPerSecond },
  })
  await stalledReaders(bench)
  await rounds(bench, besideFib)
  await overload(bench)
  await lateLook(bench, throughput, early)
}

/** The files that are asked for: their text is ours, made from the seed. */
export interface Files {
  readonly folder: string
  readonly small: PlannedRequest
  readonly large: PlannedRequest
}

const LARGE_BYTES = 10 * 1024 * 1024

export async function makeFiles(random: Random, into: string): Promise<Files> {
  const folder = path.join(into, 'static')
  await mkdir(folder)
  const small = word(random, 1024)
  const large = word(random, 4096).repeat(LARGE_BYTES / 4096)
  await writeFile(path.join(folder, 'small.txt'), small)
  await writeFile(path.join(folder, 'large.txt'), large)
  return { folder, small: file('small.txt', small), large: file('large.txt', large) }
}

/** Limits that are tested elsewhere are out of the way: a load from one address is what we are. */
export const level3Settings = {
  RATE_LIMIT: '0',
  MAX_CONNECTIONS: '4000',
  MAX_REQUESTS_PER_CONNECTION: '1000000000',
} as const
