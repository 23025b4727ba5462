/** What is said of a command line that cannot be understood. */
import type { Command } from 'commander'
import { UsageError } from './course.ts'

/** Options that npm knows as its own: somebody may have set them for npm. */
const ownOfNpm: ReadonlySet<string> = new Set(['json', 'dry-run', 'only', 'all'])

/**
 * Without `--`, npm keeps an option for itself, and tells only in the environment.
 *
 * @throws {UsageError}
 */
export function refuseSwallowed(command: Command): void {
  for (const { long } of command.options) {
    const name = long?.slice(2) ?? ''
    const kept = process.env[`npm_config_${name.replaceAll('-', '_')}`]
    if (kept === undefined || ownOfNpm.has(name)) continue
    throw new UsageError(
      `npm has taken --${name} for an option of its own. Write -- before it: npm run ${command.name()} -- … --${name}`,
    )
  }
}

/** What to type where an argument is missing; any other is a level or a task. */
const wholeCommands: Readonly<Record<string, string>> = {
  format: 'Which format? For instance: npm run export -- csv reports/',
  task: 'Which task? For instance: npm run hint -- 1.3',
  submissions:
    'Which submissions? Name their folder, or a roster, before any --only. For instance: npm run class -- submissions/ --level 3 --out reports/',
  submission: 'Which submission? For instance: npm run viva -- submissions/ada --level 3',
}

/** Somebody may have given the option, and misspelt it. */
function missingOption(flags: string): string {
  const [required = flags] = flags.split(' ')
  const given = process.argv.slice(3).filter((word) => word.startsWith('--') && word !== required)
  const near = given.find((word) => word.startsWith(required.slice(0, 4)))
  return near === undefined
    ? `${flags} is missing. npm run ${process.argv[2] ?? ''} -- --help shows how it is given.`
    : `${flags} is missing: did you mean it by ${near}?`
}

/** Commander's `error: unknown option '--x'` as a sentence. */
export function sentence(text: string): string {
  const words = text.replace(/^error: /, '').trim()
  const missing = /^missing required argument '(\w+)'/.exec(words)?.[1]
  if (missing !== undefined)
    return `${wholeCommands[missing] ?? 'Which level, or which task? For instance level1, or 1.3.'}\n`
  const required = /^required option '([^']+)' not specified/.exec(words)?.[1]
  if (required !== undefined) return `${missingOption(required)}\n`
  const tasks = /got \d: ((?:\d\.\d+(?:, )?)+)/.exec(words)?.[1]
  if (tasks !== undefined) return `Several tasks are one word: ${tasks.replaceAll(' ', '')}\n`
  const split = /got 2: level, (\d+)/.exec(words)?.[1]
  if (split !== undefined) return `Did you mean level${split}? It is one word.\n`
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}${/[.?!)]$/.test(words) ? '' : '.'}\n`
}
