/**
 * Proves that a bench gives the same verdict twice: `npm run bench:prove`, or some of its parts: `-- busy 0.8 1.25`.
 *
 * Each run starts two servers anew and stops as soon as its target is decided, as a bench does. Runs that are done are
 * kept in `.loadbearing/proof.jsonl`; the next call goes on from there. The results stand in bench/PROOF.md.
 */
import { spawn } from 'node:child_process'
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import type { Build } from '../../harness/build.ts'
import { machine } from '../../harness/machine.ts'
import { levels, type Level } from '../../levels/register.ts'
import { buildEdited, type Edit } from '../../tests/kit/edited.ts'
import { Bench } from '../../bench/bench.ts'
import { Contender } from '../../bench/contender.ts'
import { keptOfRequests, level3Settings, throughput } from '../../bench/level3.ts'
import { LoadGenerator } from '../../bench/load/generator.ts'
import { growth } from '../../bench/memory.ts'
import { place, placement } from '../../bench/placement.ts'
import { TargetVerdict } from '../../bench/record.ts'
import { rounds } from '../../bench/rounds.ts'
import { p99, rate } from '../../bench/scenario.ts'
import { runBench } from '../../bench/run.ts'
import { targets, targetsOf, type Target } from '../../bench/targets.ts'
import { percent } from '../../bench/verdict.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const kept = path.join(root, '.loadbearing', 'proof.jsonl')

/** What each part runs, how often, and which verdicts are right, allowed, or wrong. */
interface Part {
  readonly name: string
  readonly what: string
  readonly runs: number
  /** These verdicts are wrong. */
  readonly wrong: readonly TargetVerdict[]
  /** Wrong ones that are accepted among all runs of the part. */
  readonly mostWrong: number
  /** "Too close to call" would be no answer here. */
  readonly mustDecide: boolean
}

/** Times the threshold. */
const FACTORS = [0.6, 0.8, 0.9, 1.1, 1.25, 1.6] as const

/** The share of the reference that the slowed servers are held against. */
const SHARE = targets.level3.throughput.share

const same = { runs: 25, wrong: ['missed'], mostWrong: 0, mustDecide: false } as const
const parts: readonly Part[] = [
  { name: 'alone', what: 'the reference against itself', ...same },
  { name: 'busy', what: 'the same, while another process keeps every core busy', ...same },
  ...FACTORS.map((factor): Part => {
    const near = factor === 0.9 || factor === 1.1
    return {
      name: String(factor),
      what: `a server at ${factor} times the threshold`,
      runs: 20,
      wrong: factor < 1 ? ['met'] : ['missed'],
      mostWrong: near ? 1 : 0,
      mustDecide: factor === 0.6 || factor === 1.6,
    }
  }),
  ...[1024, 100].map((bytes): Part => ({
    name: `leak-${bytes}`,
    what: `a server that keeps ${bytes} bytes of each request`,
    runs: 5,
    wrong: ['met'],
    mostWrong: 0,
    mustDecide: true,
  })),
  {
    name: 'no-leak',
    what: 'memory of the reference',
    runs: 10,
    wrong: ['missed'],
    mostWrong: 0,
    mustDecide: true,
  },
  ...levels.flatMap(({ number }): Part[] => [
    { ...same, name: `level${number}`, what: `all targets of level ${number}, alone`, runs: 9 },
    {
      ...same,
      name: `level${number}-busy`,
      what: `all targets of level ${number}, every core kept busy`,
      runs: 8,
    },
  ]),
]

const Run = z.object({
  part: z.string(),
  run: z.number(),
  verdicts: z.array(TargetVerdict),
  /** Of the first target: share of the reference, or bytes kept of a request. */
  value: z.number().nullable(),
  seconds: z.number(),
  pairs: z.number(),
  reasons: z.array(z.string()),
})
type Run = z.infer<typeof Run>

/**
 * Work of a known size, on top of what a request costs anyway: a hash of so many KiB.
 *
 * It is native code, because a loop of our own runs five times faster or slower, as its compiler likes.
 */
function slowedBy(kibibytes: number): Edit[] {
  return [
    {
      file: 'level2/handlers.ts',
      find: 'function text(content: string): Response {\n',
      replace: `const block = Buffer.alloc(1024)
function text(content: string): Response {
  const hash = createHash('sha256')
  for (let count = 0; count < ${kibibytes}; count++) hash.update(block)
  hash.digest()
`,
    },
    {
      file: 'level2/handlers.ts',
      find: 'import { setTimeout as wait }',
      replace: "import { createHash } from 'node:crypto'\nimport { setTimeout as wait }",
    },
  ]
}

function leaking(bytes: number): Edit[] {
  return [
    {
      file: 'level2/handlers.ts',
      find: 'function text(content: string): Response {\n',
      // A flat string has 16 bytes of its own, and the array has 8 for it.
      replace: `const kept: string[] = []
function text(content: string): Response {
  kept.push(Buffer.alloc(${bytes - 24}, 97).latin1Slice())
`,
    },
  ]
}

/** KiB that the base hashes: some 200 µs, ten times what a request takes otherwise. */
const BASE_KIB = 400

/**
 * Connections of the slowed servers. Node accepts one in a turn of its event loop, and a turn is as long as all requests
 * of those before it: a hundred slow ones would spend the round on their accepts.
 */
const FEW = 20

/** KiB so that base ÷ slowed is the share wanted: the work is counted, so the ratio of it is exact; what a request takes beside it is measured. */
function workFor(share: number, restInKib: number): number {
  return Math.round((BASE_KIB + restInKib) / share - restInKib)
}

class Prover {
  readonly #load = new LoadGenerator()
  readonly #builds = new Map<string, Build>()
  /** What a request takes beside the work, in KiB of it. */
  #restInKib = 0

  /** The time of a request is a straight line over its work: two points of it are measured, twice. */
  async prepare(): Promise<void> {
    const once = await this.#build('base', slowedBy(BASE_KIB))
    const thrice = await this.#build('three times the base', slowedBy(3 * BASE_KIB))
    const times: number[] = []
    for (const build of [once, thrice, thrice, once]) times.push(await this.#timeOf(build))
    const [onceA = 0, thriceA = 0, thriceB = 0, onceB = 0] = times
    const perKib = (thriceA + thriceB - onceA - onceB) / 2 / (2 * BASE_KIB)
    const rest = (onceA + onceB) / 2 - BASE_KIB * perKib
    this.#restInKib = Math.max(0, Math.round(rest / perKib))
    say(
      `beside the work a request takes ${rest.toFixed(1)} µs, 1,000 KiB ${(perKib * 1000).toFixed(2)} µs`,
    )
  }

  async run(part: Part, run: number): Promise<Run> {
    const level = levels.find(({ number }) => part.name.split('-')[0] === `level${number}`)
    if (level !== undefined) return await this.#wholeLevel(part, run, level)
    const factor = FACTORS.find((each) => String(each) === part.name)
    const leak = /^leak-(\d+)$/.exec(part.name)?.[1]
    const plain = await this.#build('plain', [])
    if (factor !== undefined) {
      const kibibytes = workFor(SHARE * factor, this.#restInKib)
      const slowed = await this.#build(`slowed ${kibibytes}`, slowedBy(kibibytes))
      const base = await this.#build('base', slowedBy(BASE_KIB))
      const share: Target = { ...targets.level3.throughput, absolute: null }
      return await this.#judged(part, run, slowed, base, { throughput: share }, (bench) =>
        rounds(bench, { ...throughput, connections: FEW, targets: { throughput: rate } }),
      )
    }
    if (leak !== undefined || part.name === 'no-leak') {
      const build = leak === undefined ? plain : await this.#build(part.name, leaking(Number(leak)))
      const { growth: target } = targets.level3
      return await this.#judged(part, run, build, undefined, { growth: target }, (bench) =>
        growth(bench, keptOfRequests),
      )
    }
    const goals = {
      throughput: { ...targets.level3.throughput, absolute: null },
      p99: targets.level3.p99,
    }
    return await besideHogs(part, () =>
      this.#judged(part, run, plain, plain, goals, (bench) =>
        rounds(bench, { ...throughput, targets: { throughput: rate, p99 } }),
      ),
    )
  }

  /** What `npm run bench -- levelN --solution` does, but for the absolute numbers of speed. */
  async #wholeLevel(part: Part, run: number, level: Level): Promise<Run> {
    const begun = performance.now()
    const build = await this.#build(`level ${level.number}`, [], level.number)
    const goals = Object.entries(targetsOf(level.number)).map(([id, target]): [string, Target] => [
      id,
      // Here a quick machine would help.
      ['req/s', 'ms'].includes(target.unit) ? { ...target, absolute: null } : target,
    ])
    const record = await besideHogs(part, () =>
      runBench({
        level,
        submission: 'the reference',
        build,
        reference: build,
        seed: run + 1,
        targets: Object.fromEntries(goals),
      }),
    )
    return {
      part: part.name,
      run,
      verdicts: record.targets.map(({ verdict }) => verdict),
      value: record.targets[0]?.shareReached?.median ?? null,
      seconds: (performance.now() - begun) / 1000,
      pairs: record.scenarios[0]?.submission?.rounds.length ?? 0,
      reasons: record.targets.map(({ reason }) => reason),
    }
  }

  async stop(): Promise<void> {
    await this.#load.stop()
  }

  async #judged(
    { name: part }: Part,
    run: number,
    submission: Build,
    reference: Build | undefined,
    goals: Readonly<Record<string, Target>>,
    measure: (bench: Bench) => Promise<unknown>,
  ): Promise<Run> {
    const begun = performance.now()
    const started: Contender[] = []
    const start = async (name: Contender['name'], build: Build) => {
      const contender = await Contender.start(name, build, level3Settings, {})
      started.push(contender)
      return contender
    }
    try {
      const bench = new Bench({
        submission: await start('submission', submission),
        reference: reference && (await start('reference', reference)),
        load: this.#load,
        placement: placement(),
        targets: goals,
        seed: run + 1,
        quick: false,
        by: 'autocannon',
        signal: undefined,
        onProgress: () => undefined,
      })
      await measure(bench)
      const [first] = bench.targets
      return {
        part,
        run,
        verdicts: bench.targets.map(({ verdict }) => verdict),
        value: (first?.shareReached ?? first?.value)?.median ?? null,
        seconds: (performance.now() - begun) / 1000,
        pairs: bench.scenarios[0]?.submission?.rounds.length ?? 0,
        reasons: bench.targets.map(({ reason }) => reason),
      }
    } finally {
      await Promise.all(started.map((each) => each.stop()))
    }
  }

  /** How long a request keeps the server, in microseconds, under the load and on the core that it will have. */
  async #timeOf(build: Build): Promise<number> {
    const contender = await Contender.start('reference', build, level3Settings, {})
    const cores = placement()
    if (cores !== undefined) {
      place(contender.pid, cores.server)
      place(this.#load.pid, cores.load)
    }
    try {
      const job = {
        kind: 'persistent',
        connections: FEW,
        requests: throughput.requests(Math.random),
        address: contender.address,
      } as const
      await this.#load.run({ ...job, seconds: 0.5 })
      const [{ requests, seconds }] = await this.#load.run({ ...job, seconds: 2 })
      return (seconds / requests) * 1e6
    } finally {
      await contender.stop()
    }
  }

  async #build(name: string, edits: readonly Edit[], level = 3): Promise<Build> {
    const known = this.#builds.get(name) ?? (await buildEdited({ name, what: name, edits }, level))
    this.#builds.set(name, known)
    return known
  }
}

/** Measures; beside a process that keeps the cores busy, if the part is called so. */
async function besideHogs<Result>({ name }: Part, measure: () => Promise<Result>): Promise<Result> {
  const stopHogs = name.endsWith('busy') ? keepCoresBusy() : undefined
  try {
    return await measure()
  } finally {
    stopHogs?.()
  }
}

/** One process with a thread a core that does nothing but compute. @returns its end */
function keepCoresBusy(): () => void {
  const code = `const { Worker } = require('node:worker_threads')
for (let core = 0; core < ${cpus().length}; core++) new Worker('for (;;);', { eval: true })
// Also when whoever started it has been killed.
process.stdin.resume().on('end', () => process.exit())`
  const child = spawn(process.execPath, ['-e', code], { stdio: ['pipe', 'ignore', 'ignore'] })
  return () => child.kill('SIGKILL')
}

function doneRuns(): Run[] {
  try {
    return readFileSync(kept, 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => Run.parse(JSON.parse(line)))
  } catch {
    return []
  }
}

function isWrong({ wrong }: Part, { verdicts }: Run): boolean {
  return verdicts.length === 0 || verdicts.some((verdict) => wrong.includes(verdict))
}

function isUndecided({ verdicts }: Run): boolean {
  return verdicts.some((verdict) => verdict === 'too close to call' || verdict === 'not measured')
}

/** `holds`, `fails`, or how far it is. */
function outcome(part: Part, runs: readonly Run[]): string {
  const wrong = runs.filter((run) => isWrong(part, run)).length
  const undecided = runs.filter(isUndecided).length
  if (wrong > part.mostWrong || (part.mustDecide && undecided > 0)) return 'fails'
  return runs.length < part.runs ? `${runs.length} of ${part.runs} runs so far` : 'holds'
}

function report(done: readonly Run[]): string {
  const { processor, cores, node, system } = machine()
  const rows = parts.map((part) => {
    const runs = done.filter(({ part: name }) => name === part.name)
    if (runs.length === 0) return `| ${part.what} | 0 | – | – | – | – | not run |`
    const values = runs.flatMap(({ value }) => value ?? []).sort((a, b) => a - b)
    const shown = part.name.includes('leak')
      ? (value: number) => `${value.toFixed(0)} B`
      : (value: number) => percent(value)
    const seconds = runs.map((run) => run.seconds)
    const mean = seconds.reduce((sum, each) => sum + each, 0) / runs.length
    const range = `${shown(values[0] ?? NaN)} to ${shown(values.at(-1) ?? NaN)}`
    const wrong = runs.filter((run) => isWrong(part, run)).length
    return `| ${part.what} | ${runs.length} | ${range} | ${wrong} | ${runs.filter(isUndecided).length} | ${mean.toFixed(1)} s, at most ${Math.max(...seconds).toFixed(1)} s | ${outcome(part, runs)} |`
  })
  return `# Does a bench give the same verdict twice?

Written by \`npm run bench:prove\`. ${processor}, ${cores} cores, Node ${node}, ${system}.

| | runs | measured | wrong | too close | a run takes | |
|---|---|---|---|---|---|---|
${rows.join('\n')}

- **The reference against itself** is held to ${percent(SHARE)} of itself (the absolute number is taken away, so that a quick machine does not help), and to the p99 of level 3. No verdict may be "missed".
- **All targets of a level**: what \`npm run bench -- levelN --solution\` does from its start to its verdicts, with the absolute numbers of speed taken away here, too. No verdict may be "missed"; the share shown is that of the first target.
- **A server at so many times the threshold**: both servers are the reference of level 3 with work added to each answer, a hash of so many KiB, on ${FEW} connections. The one that plays the reference hashes ${BASE_KIB}, the other as many as make its whole request cost 1 ÷ (${SHARE} × factor) of that. The ratio of the work is exact; what a request takes beside them is measured when the proof begins. A request of either costs the server many times what it costs the load generator: the server is the limit, not the load. At 0.6 and 1.6 each verdict must be right, at 0.8 and 1.25 none may be wrong, at 0.9 and 1.1 at most 1 in 20.
- **Leaks**: measured is the slope of RssAnon. Each must be reported as growth, and the reference never.
`
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

async function main(names: readonly string[]): Promise<void> {
  const unknown = names.find((name) => !parts.some((part) => part.name === name))
  if (unknown !== undefined) {
    const known = parts.map(({ name }) => name).join(', ')
    process.stderr.write(`The proof has no part "${unknown}". Its parts: ${known}.\n`)
    process.exitCode = 2
    return
  }
  mkdirSync(path.dirname(kept), { recursive: true })
  const chosen = parts.filter(({ name }) => names.length === 0 || names.includes(name))
  const prover = new Prover()
  try {
    await prover.prepare()
    // A run of each part, then the next of each: cut short, the proof has some of everything.
    for (let run = 0; run < Math.max(...chosen.map(({ runs }) => runs)); run++) {
      for (const part of chosen.filter(({ runs }) => run < runs)) {
        if (doneRuns().some((each) => each.part === part.name && each.run === run)) continue
        const result = await prover.run(part, run)
        appendFileSync(kept, `${JSON.stringify(result)}\n`)
        writeFileSync(path.join(root, 'bench/PROOF.md'), report(doneRuns()))
        say(
          `${part.name} ${run + 1}: ${result.verdicts.join(', ')} (${result.value?.toFixed(3) ?? 'no value'}, ${result.pairs} rounds, ${result.seconds.toFixed(1)} s)`,
        )
      }
    }
  } finally {
    await prover.stop()
  }
  const done = doneRuns()
  writeFileSync(path.join(root, 'bench/PROOF.md'), report(done))
  const failing = parts.filter(
    (part) =>
      outcome(
        part,
        done.filter((run) => run.part === part.name),
      ) === 'fails',
  )
  for (const { what } of failing) say(`fails: ${what}`)
  if (failing.length > 0) process.exitCode = 1
}

await main(process.argv.slice(2))
