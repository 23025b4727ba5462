/** The pages of a class: whatever strangers write into them, they are read as text, without a script. */
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Graded } from '../../grader/class/graded.ts'
import { tenthsOf } from '../../grader/report/distribution.ts'
import { pageName } from '../../grader/report/page-name.ts'
import { plain } from '../../grader/report/plain.ts'
import { publish } from '../../grader/report/publish.ts'
import { failureText } from '../../grader/export/text.ts'
import { report } from '../../grader/report/report.ts'
import { readWeights, weighted } from '../../grader/report/weights.ts'
import { folderWith } from '../kit/folders.ts'
import { kinds, madeUpClass, madeUpResult, names } from '../kit/made-up-class.ts'

const ada = { id: 'ada', name: 'Ada' }

/** Elements that would be there if a stranger's text were not escaped. */
const INTRUDERS = /<(script|img|b)[\s>]/

describe('the page of a learner', () => {
  it('shows what a stranger printed as text, and runs no script at all', () => {
    const html = report(kinds.half, {}, ada)
    expect(html).toContain('&lt;script>alert(1)&lt;/script>')
    expect(html).not.toMatch(INTRUDERS)
    expect(html).toContain("script-src 'none'")
    expect(html).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]/)
  })

  it('loads nothing', () => {
    for (const result of Object.values(kinds))
      expect(report(result, {}, ada)).not.toMatch(/\s(src|href)=|@import|url\(/)
  })

  it('tells a public failure whole: steps, expected, received, why, and how to repeat it', () => {
    const html = report(kinds.half, {}, ada)
    for (const part of [
      'connect to 127.0.0.1:41873',
      'GET / HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n',
      'a second response on the same connection',
      'FIN 3 ms after the first response',
      'RFC 9112 §9.3',
      'RATE_LIMIT=0 npm start -- level3',
      'npm test -- level3 --seed 4711',
    ])
      expect(html).toContain(part)
  })

  it('gives a command to be pasted whole, however long it is', () => {
    const command = `printf '${'x'.repeat(2000)}' | nc 127.0.0.1 8080`
    const [task] = kinds.half.tasks
    const [test] = task?.tests ?? []
    if (task === undefined || test === undefined) throw new Error('there is no such test')
    const failure = { steps: [], expected: 'a', received: 'b', repeat: command }
    const failed = { ...test, suite: 'public' as const, verdict: 'failed' as const, failure }
    const result = { ...kinds.half, tasks: [{ ...task, tests: [failed] }] }
    expect(report(result, {}, ada)).toContain(command)
    expect(failureText(failed)).toContain(`By hand: ${command}`)
  })

  it('says under what conditions it came about', () => {
    const html = report(kinds.half, {}, ada)
    for (const part of [
      '0.1.0',
      '4711',
      'memory 768 MiB',
      'A processor',
      '24.21.0',
      'strong (bubblewrap, seccomp)',
    ])
      expect(html).toContain(part)
  })

  it('says why nothing could be tested, and where the remedy stands', () => {
    const html = report(kinds['not started'], {}, ada)
    expect(html).toContain('nothing accepts a connection there')
    expect(html).toContain('TROUBLESHOOTING.md')
    expect(html).toContain('OTHER_PORT')
  })

  it('says of a fault of ours that it cost nothing', () => {
    expect(report(kinds['our fault'], {}, ada)).toContain('cost no points')
  })

  it('gives no score where nothing could be judged', () => {
    const nothing = madeUpResult(() => 'fault')
    expect(report(nothing, {}, ada)).toContain('No score')
    expect(report(nothing, {}, ada)).not.toContain('Score 0')
  })

  it('says that a run was stopped, and does not call its points a score that stands', () => {
    expect(report(kinds.interrupted, {}, ada)).toContain('so far: the run was stopped')
  })
})

/** Pictures are drawn elsewhere, and take their time. */
function* withoutPictures(size: number): Iterable<Graded> {
  for (const graded of madeUpClass(size))
    yield { ...graded, result: { ...graded.result, bench: null } }
}

describe('a published class', () => {
  let folder: string
  let index: string
  beforeAll(async () => {
    folder = await folderWith()
    await publish(withoutPictures(60), folder)
    index = await readFile(path.join(folder, 'index.html'), 'utf8')
  })

  it('has a page for each learner, and a link to each of them', async () => {
    const pages = await readdir(path.join(folder, 'pages'))
    const links = new Set([...index.matchAll(/href="pages\/([^"]+)"/g)].map(([, name]) => name))
    expect(pages).toHaveLength(60)
    expect([...links].toSorted()).toEqual(pages.toSorted())
  })

  it('is sorted by name without a script', () => {
    const rows = index.slice(index.indexOf('class="sortable"'))
    const shown = [...rows.matchAll(/<th scope="row"><a [^>]*><bdi>([^<]*)<\/bdi>/g)].map(
      ([, name = '']) => name.replace('&lt;', '<'),
    )
    expect(shown).toHaveLength(60)
    expect(shown).toEqual(shown.toSorted((a, b) => a.localeCompare(b, 'en')))
  })

  it('runs one script, ours', () => {
    expect(index.match(/<script/g)).toHaveLength(1)
    expect(index.replace(/<script>[^]*<\/script>/, '')).not.toMatch(INTRUDERS)
    expect(index).toMatch(/script-src 'sha256-[A-Za-z0-9+/]{43}='/)
  })

  it('names the tasks and the hidden tests that fail most, and what kept servers from starting', () => {
    expect(index).toContain('3.5 Static files')
    expect(index).toContain('3.5 keeps its word in case a')
    expect(index).toContain('OTHER_PORT')
  })

  it('names who has handed in nothing, and counts no server of theirs', async () => {
    const start = { code: 'NOTHING_HANDED_IN', message: 'Nothing.', detail: '' } as const
    const class_ = [
      { id: 's1', name: 'Ada', result: kinds.starter },
      { id: 's2', name: 'Bob', result: { ...kinds['not started'], start } },
    ]
    const out = await folderWith()
    await publish(class_, out)
    const page = await readFile(path.join(out, 'index.html'), 'utf8')
    expect(page).toContain('1 has handed in nothing. Every server started.')
    expect(page).toMatch(/<h2>Nothing handed in<\/h2><p><a href="pages\/s2\.html"><bdi>Bob<\/bdi>/)
    expect(page).not.toContain('Why servers did not start')
  })

  it('keeps no result in memory', async () => {
    let alive = 0
    const registry = new FinalizationRegistry(() => alive--)
    const big = function* () {
      for (let place = 0; place < 40; place++) {
        const result = structuredClone(kinds.starter)
        alive++
        registry.register(result, place)
        yield { id: `s${place}`, name: `s${place}`, result }
      }
    }
    await publish(big(), await folderWith())
    for (let round = 0; round < 50 && alive > 5; round++) {
      Array.from({ length: 20 }, () => new Float64Array(1e5).fill(round))
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(alive).toBeLessThan(40)
  })
})

describe('the file of a page', () => {
  it('is another one for every id, also where upper and lower case are one', () => {
    const ids = [
      ...names,
      'Ada',
      'ada',
      'ADA',
      '..',
      '.',
      '',
      'a/b',
      'a-b',
      'a\0b',
      'x'.repeat(300),
      'lovelace, ada',
      pageName('lovelace, ada').replace('.html', ''),
    ]
    const files = ids.map((id) => pageName(id).toLowerCase())
    expect(new Set(files).size).toBe(ids.length)
    for (const file of files) expect(file).toMatch(/^[a-z0-9_][a-z0-9_.-]{0,90}\.html$/)
  })
})

describe('a stranger’s name', () => {
  it('loses what a terminal, a page or a cell would act on, and nothing else', () => {
    expect(plain('\x1b[31mred\x1b[0m')).toBe('red')
    expect(plain('\u202egnp.exe')).toBe('gnp.exe')
    expect(plain('two\nlines\0')).toBe('two lines')
    expect(plain('👩‍💻 王小明 O’Neill')).toBe('👩‍💻 王小明 O’Neill')
    expect(plain('x'.repeat(1000))).toHaveLength(201)
  })
})

describe('the distribution', () => {
  it('counts a full score in the last tenth', () => {
    expect(tenthsOf([0, 9.9, 10, 99.9, 100])).toEqual([2, 1, 0, 0, 0, 0, 0, 0, 0, 2])
  })
})

describe('weights', () => {
  it('count a task more, less, or not at all, and change no verdict', () => {
    const result = weighted(kinds.perfect, readWeights('3.1=2, 3.10=0'))
    expect(result.score).toEqual({ earned: 106, possible: 106 })
    expect(result.tasks.map(({ verdict }) => verdict)).toEqual(
      kinds.perfect.tasks.map(({ verdict }) => verdict),
    )
  })
})
