/** The commands. Each is an npm script of the same name: `npm run hint -- 1.3`. */
import { Command, CommanderError, InvalidArgumentError } from 'commander'
import path from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import type { FlakeOptions } from '../checks/flake/flake.ts'
import type { LoadName } from '../bench/load/job.ts'
import type { MutateOptions } from '../checks/mutation/mutate.ts'
import type { ExportOptions } from './commands/export.ts'
import type { ClassOptions } from './commands/class.ts'
import type { HandoutCommandOptions } from './commands/handout.ts'
import type { SimilarCommandOptions } from './commands/similar.ts'
import type { VivaCommandOptions } from './commands/viva.ts'
import { isHandout, referenceFolder, root, UsageError } from './course.ts'
import { fileRefused } from './file-refused.ts'
import { folderOfLevels } from './source.ts'
import { refuseSwallowed, sentence } from './misunderstood.ts'

/** What the commands share. */
export interface CommonOptions {
  readonly solution?: boolean
  readonly from?: string
  readonly onReference?: boolean
  readonly seed?: number
  readonly json?: boolean
  readonly out?: string
  readonly anyImport?: boolean
  readonly sandbox?: string
  readonly jobs?: number
}

/** What a command that measures is asked beyond that. */
export interface BenchOptions extends CommonOptions {
  readonly quick?: boolean
  readonly load?: LoadName
  /** `false` after `--no-bench`. */
  readonly bench?: boolean
}

/** And one that puts others beside it. */
export interface CompareOptions extends BenchOptions {
  /** Measures the servers that people use, too. */
  readonly peers?: boolean
  /** Only the peers' loads that have this in their title. */
  readonly only?: string
}

/**
 * The folder that a command works on.
 *
 * @throws {UsageError} when `--from` names none
 */
export function sourceOf({ solution, from }: CommonOptions): string {
  if (from !== undefined) return folderOfLevels(path.resolve(from))
  return solution ? referenceFolder() : path.join(root, 'levels')
}

/** Runs a command line; the exit code is in `process.exitCode`. */
export async function main(argv: readonly string[]): Promise<void> {
  // SIGUSR1 would open a debugger into this process, for whoever runs beside it.
  process.on('SIGUSR1', () => undefined)
  const [, , name = ''] = argv
  let lost: NodeJS.ErrnoException | undefined
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // Whoever reads our output may have enough of it, as `| head` has. What is being found out is kept all the same.
    if (error.code === 'EPIPE' && goesOnForEver.has(name)) process.exit()
    if (error.code !== 'EPIPE') lost ??= error
  })
  process.stderr.on('error', () => undefined)
  useFolderOf(process.env['INIT_CWD'])
  try {
    const commands = program()
    const command = commands.commands.find((each) => each.name() === name)
    if (command !== undefined) refuseSwallowed(command)
    await commands.parseAsync(argv)
  } catch (error) {
    process.exitCode = report(error)
  }
  // What was written last may fail a turn later.
  await turn()
  if (lost === undefined) return
  process.stderr.write(`The output could not be written (${lost.code ?? lost.message}).\n`)
  process.exitCode = 3
}

/** Commands that somebody has to end. */
const goesOnForEver: ReadonlySet<string> = new Set(['start', 'watch'])

/** npm runs us in the folder of the workbook; a path that somebody types is meant from where they are. */
function useFolderOf(typedIn: string | undefined): void {
  if (typedIn === undefined || process.cwd() !== root) return
  try {
    process.chdir(typedIn)
  } catch {
    // It is gone: then we stay where we are.
  }
}

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  if (error instanceof UsageError) {
    process.stderr.write(`${error.message}\n`)
    return 2
  }
  if (isMissingCommand(error)) {
    process.stderr.write(
      'This is the learner’s edition of the workbook, which lacks this command. npm test -- level1 grades your level 1; README.md names the other commands.\n',
    )
    return 2
  }
  const refused = fileRefused(error)
  if (refused !== undefined) {
    process.stderr.write(`${refused}\n`)
    return 3
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  process.stderr.write(
    `The grader itself failed; this costs no points and says nothing about the submission. Please report it, with these lines:\n${text}\n`,
  )
  return 3
}

/** A handout has the commands of a learner only. */
function isMissingCommand(error: unknown): boolean {
  const { code, url = '' } = error as NodeJS.ErrnoException & { readonly url?: string }
  const isCommand = url.includes('/grader/commands/') || url.includes('/checks/')
  return isHandout && code === 'ERR_MODULE_NOT_FOUND' && isCommand
}

function program(): Command {
  const program = new Command('loadbearing')
    .description('Build a production web server from a raw TCP socket, one graded level at a time.')
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(sentence(text)) })

  graded(
    program.command('test [target]'),
    'grades a level (level1) or a task (1.3) with the public tests; without one, checks the workbook itself',
  ).action(async (target: string | undefined, options: CommonOptions) => {
    const command = await import('./commands/test.ts')
    await command.test(target, options)
  })
  graded(
    program.command('grade <target>'),
    'grades with the public and the hidden tests, and writes result.json and report.html',
  )
    .option(
      '--jobs <number>',
      'tries so many tests at a time: 2 where there is less than a processor',
      wholeNumber,
    )
    .option(
      '--sandbox <mode>',
      'default; strong: for code of strangers (bubblewrap); other-user: in a container for one',
    )
    .option('--no-bench', 'leaves out the measurements')
    .action(async (target: string, options: BenchOptions) => {
      const command = await import('./commands/grade.ts')
      await command.gradeCommand(target, options)
    })
  graded(program.command('watch <target>'), 'grades again whenever a file changes').action(
    async (target: string, options: CommonOptions) => {
      const command = await import('./commands/watch.ts')
      await command.watch(target, options)
    },
  )
  graded(
    program.command('start <target>'),
    'runs the server, to be poked with curl or a browser',
  ).action(async (target: string, options: CommonOptions) => {
    const command = await import('./commands/start.ts')
    await command.start(target, options)
  })
  program
    .command('send')
    .description(
      'sends the bytes of stdin to the server that npm start runs, and shows what comes back',
    )
    .option('--end', 'ends the sending direction (FIN) after the last byte')
    .option('--one-by-one', 'sends every byte in a write of its own')
    .action(async (options: { readonly end?: boolean; readonly oneByOne?: boolean }) => {
      const command = await import('./commands/send.ts')
      await command.send(options)
    })
  program
    .command('hint <task>')
    .description('shows the next stage of a task’s hints')
    .option('--all', 'shows every stage')
    .action(async (task: string, options: { readonly all?: boolean }) => {
      const command = await import('./commands/hint.ts')
      command.hint(task, options)
    })
  program
    .command('class <submissions>')
    .description('grades a class: a folder of submissions, or a roster (.csv)')
    .requiredOption('--level <level>', 'which level: 3')
    .requiredOption('--out <folder>', 'where the journal and the reports go')
    .option('--only <id...>', 'only these submissions')
    .option('--regrade', 'grades again, and shows what would change')
    .option('--publish', 'makes a regrading count')
    .option('--discard', 'forgets a regrading')
    .option('--dry-run', 'says what would be graded')
    .option('--jobs <number>', 'how many submissions at a time', wholeNumber)
    .option('--seed <number>', 'the random values of a run', wholeNumber)
    .option('--on-reference', 'takes the levels below from the reference')
    .option('--weights <list>', 'counts tasks differently: 3.1=2,3.10=0')
    .option('--release-details', 'after the deadline: hidden failures are told as public ones are')
    .option('--no-bench', 'without the benchmarks')
    .option('--unsafe-no-sandbox', 'grades without a strong sandbox')
    .action(async (submissions: string, options: ClassOptions) => {
      const command = await import('./commands/class.ts')
      await command.classCommand(submissions, options)
    })
  graded(program.command('bench <target>'), 'measures the server beside the reference')
    .option('--quick', 'takes fewer rounds: more is too close to call')
    .option(
      '--load <name>',
      'who makes the load: autocannon, or wrk where it is installed',
      loadName,
    )
    .action(async (target: string, options: BenchOptions) => {
      const command = await import('./commands/bench.ts')
      await command.bench(target, options)
    })
  graded(
    program.command('compare <target>'),
    'puts your server and the reference side by side: tests, speed, memory, code size',
  )
    .option('--quick', 'takes fewer rounds: more is too close to call')
    .option(
      '--load <name>',
      'who makes the load: autocannon, or wrk where it is installed',
      loadName,
    )
    .option('--peers', 'adds node:http, fastify, sirv and nginx on the same routes (level 3)')
    .option('--only <text>', 'the same, for the loads that have this in their title')
    .action(async (target: string, options: CompareOptions) => {
      const command = await import('./commands/compare.ts')
      await command.compare(target, options)
    })
  program
    .command('flake <target>')
    .description(
      'grades the reference and five wrong servers again and again, and names the tests that differ',
    )
    .option('--runs <number>', 'grades each of them so often [10]', wholeNumber)
    .option('--jobs <number>', 'grades so many at a time [1]', wholeNumber)
    .option('--busy', 'keeps every processor busy meanwhile')
    .option('--only <name>', 'grades one of them: reference')
    .option('--circumstance <name>', 'where and as whom: "no IPv6"')
    .action(async (target: string, options: FlakeOptions) => {
      const command = await import('../checks/flake/flake.ts')
      await command.flake(target, options)
    })
  program
    .command('mutate <level>')
    .description(
      'tries small changes of the reference on the suites, and shows those that no test notices',
    )
    .option('--sample <number>', 'tries so many, drawn at random', wholeNumber)
    .option('--file <name>', 'tries those of one file only: request-line.ts')
    .option('--seed <number>', 'draws others', wholeNumber)
    .option('--jobs <number>', 'tries so many at a time', wholeNumber)
    .action(async (level: string, options: MutateOptions) => {
      const command = await import('../checks/mutation/mutate.ts')
      await command.mutate(level, options)
    })
  program
    .command('export <format> [source]')
    .description('writes a class, or one result, in a format that other systems read')
    .option('--level <level>', 'what a system needs to grade this level itself')
    .option('--out <file>', 'where it goes; without it, standard output')
    .option('--release-details', 'tells hidden failures in full: after the deadline')
    .option('--on-reference', 'gradescope: the levels below come from the reference')
    .option('--weights <list>', 'counts tasks differently: 3.1=2,3.10=0')
    .option('--gradebook <file>', 'canvas: the grade book that Canvas exported')
    .option('--assignment <heading>', 'canvas: the heading of the column')
    .option('--out-of <points>', 'canvas: what the assignment is worth there', wholeNumber)
    .action(async (format: string, source: string | undefined, options: ExportOptions) => {
      const command = await import('./commands/export.ts')
      await command.exportCommand(format, source, options)
    })
  program
    .command('handout')
    .description('writes the learner’s edition: no solutions, no hidden tests in the clear')
    .requiredOption('--out <folder>', 'where it goes: a folder that is empty, or does not exist')
    .option('--levels <numbers>', 'the levels in it, as in 1-3 or 1,2 [all]')
    .option('--given <numbers>', 'earlier levels that are handed out finished')
    .option(
      '--seal <recipient...>',
      'encrypts the hidden tests for a public key (age1…) and adds them',
    )
    .action(async (options: HandoutCommandOptions) => {
      const command = await import('./commands/handout.ts')
      await command.handout(options)
    })
  program
    .command('similar <submissions>')
    .description('shows which submissions of a class resemble each other')
    .requiredOption('--level <level>', 'the level that is compared')
    .option('--out <file>', 'where the page goes', 'similar.html')
    .action(async (from: string, options: SimilarCommandOptions) => {
      const command = await import('./commands/similar.ts')
      await command.similar(from, options)
    })
  program
    .command('viva <submission>')
    .description('chooses six questions for a talk, from what a submission did')
    .requiredOption('--level <level>', 'the level that is talked about')
    .option('--result <file>', 'the result.json of its grading; without it, the public tests run')
    .option('--seed <number>', 'chooses others', wholeNumber)
    .action(async (submission: string, options: VivaCommandOptions) => {
      const command = await import('./commands/viva.ts')
      await command.viva(submission, options)
    })
  program
    .command('progress')
    .description('shows where you are, over all levels')
    .option('--json', 'as JSON')
    .action(async (options: { readonly json?: boolean }) => {
      const command = await import('./commands/progress.ts')
      command.progress(options)
    })
  return program
}

/** The flags that all grading commands share. */
function graded(command: Command, description: string): Command {
  return command
    .description(description)
    .option('--solution', 'takes the reference instead of your own code')
    .option('--from <folder>', 'takes the code from another folder that holds level1, level2, …')
    .option('--on-reference', 'takes the levels below from the reference')
    .option('--any-import', 'lets the code import what its level forbids')
    .option('--seed <number>', 'repeats a run with the same random values', wholeNumber)
    .option('--json', 'prints the result as JSON')
    .option('--out <folder>', 'where the result goes')
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text))
    throw new InvalidArgumentError('It must be a whole number of at most nine digits.')
  return Number(text)
}

function loadName(text: string): LoadName {
  if (text !== 'autocannon' && text !== 'wrk')
    throw new InvalidArgumentError('The load is made by autocannon or by wrk.')
  return text
}
