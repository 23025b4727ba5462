import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { TestResult } from '../../grader/result.ts'
import { folderWith } from '../kit/folders.ts'

const suites = new URL('../../grader/suites.ts', import.meta.url).href
const endless = fileURLToPath(new URL('./suites/endless.ts', import.meta.url))

describe('a test that never ends', () => {
  it('has failed: who answers late all the time gets no points for it', async () => {
    const cache = await folderWith()
    const run = {
      files: [endless],
      build: { folder: cache, level: 1, workers: false, sandbox: 'default' },
      seed: 1,
      limitMs: 300,
      cache,
    }
    const script = `import { runSuites } from ${JSON.stringify(suites)}
      const results = []
      const ignore = () => undefined
      const onResult = (_file, result) => results.push(result)
      const { faults } = await runSuites({ ...${JSON.stringify(run)}, onCollected: ignore, onResult })
      console.log(JSON.stringify({ results, faults }))`
    const output = execFileSync(process.execPath, ['--input-type=module', '--eval', script])
    const { results, faults } = JSON.parse(output.toString()) as {
      readonly results: readonly TestResult[]
      readonly faults: readonly string[]
    }
    expect(faults).toEqual([])
    expect(results.find(({ title }) => title === 'ends')?.verdict).toBe('passed')
    expect(results.find(({ title }) => title === 'never ends')).toMatchObject({
      verdict: 'failed',
      failure: { expected: 'the end of it within 0.3 s' },
    })
  })
})
