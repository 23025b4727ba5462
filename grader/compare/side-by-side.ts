/** Finds out what there is to compare of a submission and the reference: tests, size, speed, and peers if asked for. */
import path from 'node:path'
import { LoadProblem } from '../../bench/load/generator.ts'
import { measurePeers, type Peers } from '../../bench/peers.ts'
import type { BenchRecord } from '../../bench/record.ts'
import { build } from '../../harness/build.ts'
import { SubmissionFault } from '../../harness/faults.ts'
import { takeIn } from '../../harness/intake.ts'
import { sourceOf, type CompareOptions } from '../cli.ts'
import { root, type Target } from '../course.ts'
import { grade } from '../grade.ts'
import { measure } from '../measure.ts'
import type { Side } from '../pictures/chart.ts'
import type { Result } from '../result.ts'
import type { CodeSize } from './code-size.ts'
import { sizeOfLevel, tasksOf, type Comparison } from './comparison.ts'

export const solutions = path.join(root, 'solutions')

export class SideBySide {
  readonly #target: Target
  readonly #options: CompareOptions
  readonly #folder: string
  readonly #signal: AbortSignal
  readonly #seed: number
  readonly #problems: string[] = []

  constructor(target: Target, options: CompareOptions, folder: string, signal: AbortSignal) {
    this.#target = target
    this.#options = options
    this.#folder = folder
    this.#signal = signal
    this.#seed = options.seed ?? Math.floor(Math.random() * 1e9)
  }

  async comparison(): Promise<Comparison> {
    const { level } = this.#target
    const from = sourceOf(this.#options)
    const code = {
      submission: await this.#size('submission', from),
      reference: await this.#size('reference', solutions),
    }
    const submission = await this.#tested('the submission', from)
    const reference = this.#signal.aborted ? null : await this.#tested('the reference', solutions)
    const { start } = submission
    if (start !== null) this.#problems.push(`The submission cannot be tried: ${start.message}`)
    const bench = start === null ? await this.#measured() : null
    const asked = this.#options.peers === true || this.#options.only !== undefined
    const peers = start === null && asked ? await this.#peers(from) : null
    if (this.#signal.aborted) this.#problems.push('The run was stopped; this is what came before.')
    return {
      level: level.number,
      title: level.title,
      submission: path.relative(root, from) || from,
      seed: this.#seed,
      complete: !this.#signal.aborted,
      ...tasksOf({ submission, reference }),
      code,
      bench,
      peers,
      problems: this.#problems,
    }
  }

  async #size(name: Side, from: string): Promise<CodeSize> {
    const { number } = this.#target.level
    const intake = await takeIn(from, number, path.join(this.#folder, name), this.#earlier(from))
    return await sizeOfLevel(intake, number)
  }

  /** Where the levels below come from. */
  #earlier(from: string): string {
    return this.#options.onReference ? solutions : from
  }

  async #tested(name: string, from: string): Promise<Result> {
    this.#say(`Public tests of ${name} …`)
    return await grade({
      target: this.#target,
      from,
      earlier: this.#earlier(from),
      suites: ['public'],
      seed: this.#seed,
      allowAnyImport: this.#options.anyImport ?? false,
      signal: this.#signal,
    })
  }

  async #measured(): Promise<BenchRecord | null> {
    if (this.#signal.aborted) return null
    this.#say('Speed and memory, both in turns …')
    try {
      return await measure(this.#target, this.#options, {
        seed: this.#seed,
        signal: this.#signal,
        onProgress: () => undefined,
      })
    } catch (error) {
      if (!(error instanceof SubmissionFault || error instanceof LoadProblem)) throw error
      this.#problems.push(`Speed and memory were not measured: ${error.message}`)
      return null
    }
  }

  async #peers(from: string): Promise<Peers | null> {
    const { level } = this.#target
    const { only, anyImport } = this.#options
    if (this.#signal.aborted) return null
    if (level.number !== 3) {
      const why = `a server of level ${level.number} closes each connection, and theirs stay open`
      this.#problems.push(`Peers are measured beside level 3 only: ${why}.`)
      return null
    }
    this.#say('Peers …')
    const source = path.join(this.#folder, 'peers', 'source')
    const intake = await takeIn(from, level.number, source, this.#earlier(from))
    const built = await build(intake, level, path.join(this.#folder, 'peers', 'build'), {
      allowAnyImport: anyImport ?? false,
    })
    return await measurePeers(built, {
      ...(only === undefined ? {} : { only }),
      signal: this.#signal,
      onRow: ({ title, against }) => this.#say(`  ${title}, ${against}`),
    })
  }

  /** On stderr, so that `--json` and a pipe get the comparison alone. */
  #say(line: string): void {
    process.stderr.write(`${line}\n`)
  }
}
