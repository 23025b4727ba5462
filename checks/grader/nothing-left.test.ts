/** Whatever ends a run, no process and no folder of it is left. */
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { begin, loadbearing } from '../kit/command.ts'
import { folderWith } from '../kit/folders.ts'

/** Processes whose command line names this folder. */
function processesIn(folder: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(folder)
      } catch {
        return false
      }
    })
}

async function until(what: string, holds: () => boolean): Promise<void> {
  const deadline = Date.now() + 20_000
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`after 20 s still not: ${what}`)
    await delay(20)
  }
}

function nothingLeft(folder: string): Promise<void> {
  return until(
    'nothing is left',
    () => processesIn(folder).length === 0 && readdirSync(folder).length === 0,
  )
}

describe.skipIf(process.platform !== 'linux')('a run leaves nothing behind', () => {
  const interruptions = [
    ['Ctrl-C', 'SIGINT'],
    ['SIGTERM', 'SIGTERM'],
    ['a killed grader', 'SIGKILL'],
  ] as const
  for (const [title, signal] of interruptions) {
    it.concurrent(`after ${title}`, async () => {
      const temporary = await folderWith()
      const out = await folderWith()
      const child = begin(['grade', 'level1', '--solution', '--out', out], { TMPDIR: temporary })
      await until('a server runs', () => processesIn(temporary).length > 0)
      child.kill(signal)
      await once(child, 'exit')
      await nothingLeft(temporary)
    })
  }

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it.concurrent(`after ${signal} among the tests, and it shows those that came`, async () => {
      const temporary = await folderWith()
      const out = await folderWith()
      const child = begin(['grade', 'level1', '--solution', '--out', out], { TMPDIR: temporary })
      const journal = path.join(out, 'result.json')
      await until(
        'a test has passed',
        () => existsSync(journal) && readFileSync(journal, 'utf8').includes('"passed"'),
      )
      child.kill(signal)
      const [stdout] = await Promise.all([text(child.stdout as Readable), once(child, 'exit')])
      expect(stdout).toMatch(/✓ 1\.\d .*\n/)
      expect(stdout).toMatch(/· 1\.\d .* not reached\n/)
      expect(stdout).toContain('so far: the run was stopped')
      expect(child.exitCode).toBe(130)
      await nothingLeft(temporary)
    })
  }

  it.concurrent('after its own end', async () => {
    const temporary = await folderWith()
    await loadbearing(['test', '1.1', '--solution'], { TMPDIR: temporary })
    await nothingLeft(temporary)
  })
})
