/** Calls a submission's `Log` directly. */
import type * as logModule from '../../levels/level3/log.ts'
import type { Build } from '../../harness/build.ts'
import { Expectation } from '../../harness/expectation.ts'
import { probe } from '../../harness/probe.ts'

/** All of Unicode category Cc. */
const CONTROLS = [...Array(0x20).keys(), ...Array.from({ length: 0x21 }, (_, at) => 0x7f + at)]

/** Writes lines in which every control character stands in every field that holds text, and checks what comes out. */
export async function escapesControls(build: Build): Promise<void> {
  const text = `a${String.fromCharCode(...CONTROLS)}\u2028\u{1f600}é"\\z`
  const lines = await probe(build, 'level3/log.ts', writeLines, text)
  const why = 'every character of category Cc in a line is escaped, and JSON gives it back'
  const fails = (expected: string, received: string) =>
    new Expectation({
      steps: ['write lines with every character of category Cc in every text'],
      expected,
      received,
      why,
    })
  if (lines.length !== 2) throw fails('2 lines', `${lines.length} lines`)
  for (const line of lines) {
    const control = /\p{Cc}/u.exec(line.replace(/\n$/, ''))?.[0]
    if (control !== undefined) {
      throw fails(
        'no control character',
        `U+${control.charCodeAt(0).toString(16).padStart(4, '0')}`,
      )
    }
    if (!line.endsWith('\n'))
      throw fails('a line that ends with LF', JSON.stringify(line.slice(-20)))
    const entry = JSON.parse(line) as Readonly<Record<string, unknown>>
    for (const name of 'method' in entry ? ['method', 'target', 'error'] : ['message', 'detail']) {
      if (entry[name] !== text) throw fails(`the same text in ${name}`, JSON.stringify(entry[name]))
    }
  }
}

// Run in the submission's process.

async function writeLines({ Log }: typeof logModule, text: string): Promise<string[]> {
  let written = ''
  const log = new Log((line) => (written += line))
  log.request({
    method: text,
    target: text,
    status: 500,
    bytes: 0,
    durationMs: 0,
    remoteAddress: null,
    error: text,
  })
  log.event('info', text, { detail: text })
  // Lines may be gathered, and leave together.
  const lines = () => written.split(/(?<=\n)/)
  for (let waited = 0; lines().length < 2 && waited < 2000; waited += 10) {
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  return lines()
}
