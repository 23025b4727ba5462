/** What a learner reads first about each of many mistakes, kept as a page: a change of it is seen, and read once more. */
import { expect, it } from 'vitest'
import type { Result } from '../../grader/result.ts'
import { writeEdited } from '../../tests/kit/edited.ts'
import { inLanes } from '../../tests/kit/hunt.ts'
import { gradeFolder, inFolder } from './grading.ts'
import type { WrongServer } from './wrong-servers.ts'

/**
 * Grades each server on its own task, and compares the first messages with `checks/golden/messages-levelN.md`.
 *
 * Those whose failures race are left out: which of them comes first is luck.
 */
export function checkMessages(level: number, some: readonly WrongServer[]): void {
  const servers = some.filter(({ mayFail }) => mayFail === undefined)
  it(`says of each of ${servers.length} mistakes of level ${level} what it has always said`, async () => {
    const sections = new Map<string, string>()
    await inLanes(3, servers, (wrong) =>
      inFolder(async (folder) => {
        await writeEdited(wrong, level, folder)
        sections.set(wrong.name, firstMessage(await gradeFolder(wrong.task, folder)))
      }),
    )
    const page = [
      `# Level ${level}: the first message about each mistake`,
      ...servers.map(
        ({ name, what }) => `## ${name}\n\nIt ${what}.\n\n${sections.get(name) ?? ''}`,
      ),
    ].join('\n\n')
    await expect(`${page}\n`).toMatchFileSnapshot(`../golden/messages-level${level}.md`)
  }, 1_800_000)
}

/** Every `step`-th of a long list: mistakes of every task. */
export function each<Item>(step: number, items: readonly Item[]): Item[] {
  return items.filter((_, index) => index % step === 0)
}

/** As the terminal shows it: of a hidden test, only what it is about. */
function firstMessage({ tasks, start }: Result): string {
  if (start !== null) return `${start.code}: ${start.message}`
  const tests = tasks.flatMap((task) => task.tests)
  const isShort = ({ verdict }: { readonly verdict: string }) => verdict !== 'passed'
  const first =
    tests.find((test) => test.suite === 'public' && isShort(test)) ?? tests.find(isShort)
  if (first === undefined) return 'nothing: it passes'
  const { suite, title, failure, reason } = first
  const told =
    suite === 'hidden' || failure === undefined
      ? [failure?.why ?? reason ?? '']
      : [
          `Expected: ${failure.expected}`,
          `Received: ${failure.received}`,
          `Why: ${failure.why ?? ''}`,
        ]
  return [`✗ ${title} (${suite})`, ...told.filter(Boolean)]
    .map((line) => `> ${steady(line)}  `)
    .join('\n')
}

/** Without what differs from run to run. */
function steady(text: string): string {
  return (
    text
      .replace(/\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT/g, 'IMF-fixdate')
      .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'ISO-8601')
      .replace(/(?<="requestId":)"[^"]*"/g, '"…"')
      .replace(/(?<=ETag: (?:W\/)?)"[^"]*"/g, '"…"')
      .replace(/(?<="durationMs":)[\d.]+/g, 'N')
      .replace(/(\d+, )+(?=\d+ MB\b)/g, '')
      .replace(/loadbearing-\w+/g, 'loadbearing-…')
      // What was measured, as in `369.7 times the cost`; what is allowed stays.
      .replace(/\d+\.\d+(?= times\b)/g, 'N')
      .replace(/\d+(\.\d+)?(?= (ms|s|MB|KB|clients|connections|descriptors)\b)/g, 'N')
  )
}
