/** Loads the cases that a learner wrote, and checks that each is one. Everything in them comes from a stranger. */
import type { Case } from '../../levels/level1/case.ts'
import type { Build } from '../../harness/build.ts'
import { Expectation } from '../../harness/expectation.ts'
import { probe, type Json } from '../../harness/probe.ts'

/** What the cases may cost in all. */
const MOST_CASES = 60
const MOST_BYTES = 16 * 1024 * 1024
const MOST_READS = 500
const MOST_ANSWERS = 100

/**
 * The `cases` of a submission's module.
 *
 * @param file - `level1/cases.ts`
 * @throws {Expectation} naming the first case that is none, and what is wrong in it
 */
export async function loadCases(build: Build, file: string): Promise<readonly Case[]> {
  const value = await probe(build, file, (module: { readonly cases: Json }) => module.cases, null)
  const problem = problemOf(value)
  if (problem !== undefined) {
    throw new Expectation({
      steps: [`load levels/${file}`],
      expected: 'a list of cases, in the vocabulary of case.ts',
      received: problem,
    })
  }
  return value as unknown as readonly Case[]
}

/** How a case is called in a message. */
export function nameOf(cases: readonly Case[], one: Case): string {
  return `case ${cases.indexOf(one) + 1}, "${one.title}"`
}

function problemOf(value: Json): string | undefined {
  if (!Array.isArray(value)) return '`cases` is not exported, or is no list'
  if (value.length > MOST_CASES) return `${value.length} cases, while ${MOST_CASES} are the most`
  for (const [index, one] of (value as readonly Json[]).entries()) {
    const problem = problemOfCase(one)
    if (problem !== undefined) return `case ${index + 1}${titleOf(one)}: ${problem}`
  }
  return problemOfCost(value)
}

function titleOf(one: Json): string {
  return isRecord(one) && typeof one['title'] === 'string' ? `, "${one['title']}"` : ''
}

function problemOfCase(one: Json): string | undefined {
  if (!isRecord(one)) return 'it is no object'
  const { title, send, end, expect } = one
  if (typeof title !== 'string' || title.trim() === '') return '`title` must be a text'
  const parts: unknown = typeof send === 'string' ? [send] : send
  if (
    !Array.isArray(parts) ||
    parts.length === 0 ||
    !parts.every((part) => typeof part === 'string')
  ) {
    return '`send` must be a string, or a list of strings'
  }
  const bytes = problemOfBytes('send', parts.join(''))
  if (bytes !== undefined) return bytes
  if (end !== undefined && typeof end !== 'boolean') return '`end` must be true or false'
  const several = Array.isArray(expect) ? (expect as readonly Json[]) : [expect]
  if (several.length === 0 || several.length > MOST_ANSWERS) {
    return `\`expect\` must be about 1 to ${MOST_ANSWERS} answers`
  }
  for (const expected of several) {
    if (!isRecord(expected)) return '`expect` must be an object, or a list of objects'
    const problem = problemOfExpected(expected)
    if (problem !== undefined) return problem
  }
  return unknownName(one, ['title', 'send', 'end', 'expect'])
}

function problemOfExpected(expect: Readonly<Record<string, Json>>): string | undefined {
  const { status, fields, content, closes, serves, to } = expect
  const statuses: unknown = Array.isArray(status) ? status : [status ?? 200]
  if (!Array.isArray(statuses) || statuses.length === 0 || !statuses.every(isStatus)) {
    return '`status` must be a status code (100 to 599), or a list of them'
  }
  if (fields !== undefined) {
    if (!isRecord(fields)) return '`fields` must be an object'
    for (const [name, wanted] of Object.entries(fields)) {
      if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name))
        return `${JSON.stringify(name)} in \`fields\` is no field name`
      if (wanted === null || typeof wanted === 'string' || isTexts(wanted)) continue
      return `${name} in \`fields\` must be a value, '*', a list of members, or null`
    }
  }
  if (content !== undefined) {
    if (typeof content !== 'string') return '`content` must be a string'
    const bytes = problemOfBytes('content', content)
    if (bytes !== undefined) return bytes
  }
  for (const [name, value] of Object.entries({ closes, serves })) {
    if (value !== undefined && value !== true) return `\`${name}\` must be true, or left out`
  }
  if (to !== undefined && to !== 'HEAD') return "`to` must be 'HEAD', or left out"
  return unknownName(expect, ['status', 'fields', 'content', 'closes', 'serves', 'to'])
}

function problemOfBytes(name: string, text: string): string | undefined {
  const wide = /[^\0-\xff]/u.exec(text)?.[0]
  if (wide === undefined) return undefined
  const bytes = [...Buffer.from(wide)].map((byte) => `\\x${byte.toString(16)}`).join('')
  return `"${wide}" in \`${name}\` is more than one byte: write ${bytes} if you mean its UTF-8`
}

function unknownName(
  record: Readonly<Record<string, Json>>,
  known: readonly string[],
): string | undefined {
  const name = Object.keys(record).find((other) => !known.includes(other))
  return name === undefined
    ? undefined
    : `\`${name}\` is no word of case.ts (these are: ${known.join(', ')})`
}

function problemOfCost(cases: readonly Case[]): string | undefined {
  const parts = cases.flatMap(({ send }) => send)
  const bytes = parts.reduce((sum, { length }) => sum + length, 0)
  if (bytes > MOST_BYTES)
    return `${bytes} bytes to send in all cases together, while 16 MiB are the most`
  // One string is one read; only cases that ask for several cost time.
  const reads = cases.reduce(
    (sum, { send }) => sum + (typeof send === 'string' ? 0 : send.length),
    0,
  )
  if (reads > MOST_READS)
    return `${reads} reads in all cases together, while ${MOST_READS} are the most`
  return undefined
}

function isStatus(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 100 && value <= 599
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((member) => typeof member === 'string')
}

function isRecord(value: unknown): value is Readonly<Record<string, Json>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
