/** What a bench says when something goes wrong: a sentence, the figures so far, and never a zero without a reason. */
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { BenchRecord } from '../../bench/record.ts'
import { root } from '../../grader/course.ts'
import { writeEdited } from '../../tests/kit/edited.ts'
import { begin, loadbearing } from '../kit/command.ts'
import { folderWith } from '../kit/folders.ts'

async function benched(...options: readonly string[]) {
  const out = await folderWith()
  const { code, stdout } = await loadbearing(['bench', ...options, '--json', '--out', out])
  return { code, record: BenchRecord.parse(JSON.parse(stdout)) }
}

/** Every target has a reason, and one without a figure never has a zero instead. */
function expectReasons({ targets }: BenchRecord): void {
  for (const { value, reason } of targets) {
    expect(reason).toMatch(/\w.*[.?]$/)
    expect(value?.median).not.toBe(0)
  }
}

describe('a bench', () => {
  it('of a server that never becomes ready says why, and misses every target', async () => {
    const from = path.join(root, 'checks/submissions/golden/never-listens')
    const { code, record } = await benched('level1', '--from', from)
    expect(record.void).toMatchObject({ code: 'not-ready' })
    expect(record.targets.map(({ verdict }) => verdict)).toEqual(['missed', 'missed'])
    expectReasons(record)
    expect(code).toBe(1)
  })

  it('of a server that dies under load keeps what was measured before, and says how it died', async () => {
    const from = await folderWith()
    await writeEdited(
      {
        name: 'dies',
        what: 'dies at its 3,000th request',
        edits: [
          {
            file: 'level1/server.ts',
            find: '/** The life of a connection',
            replace: 'let requests = 0\n\n/** The life of a connection',
          },
          {
            file: 'level1/server.ts',
            find: '  const handler = findHandler(requestLine)\n',
            replace:
              '  if (++requests === 3000) process.exit(7)\n  const handler = findHandler(requestLine)\n',
          },
        ],
      },
      1,
      from,
    )
    const { code, record } = await benched('level1', '--from', from)
    expect(record.void).toMatchObject({
      code: 'died',
      message: expect.stringContaining('exit code 7') as string,
    })
    expectReasons(record)
    expect(code).toBe(1)
  })

  it('that is interrupted keeps what was measured, and blames nobody', async () => {
    const out = await folderWith()
    const child = begin(['bench', 'level1', '--solution', '--out', out])
    const file = path.join(out, 'bench.json')
    const soFar = async () => await readFile(file, 'utf8').catch(() => '')
    while ((await soFar()) === '') await delay(50)
    child.kill('SIGINT')
    await once(child, 'close')
    expect(child.exitCode).toBe(130)
    const record = BenchRecord.parse(JSON.parse(await soFar()))
    expect(record).toMatchObject({ complete: false, void: { code: 'interrupted' } })
    expect(record.scenarios[0]?.submission?.rounds.length).toBeGreaterThan(0)
    expect(record.targets.map(({ verdict }) => verdict)).not.toContain('missed')
    expectReasons(record)
  })
})
