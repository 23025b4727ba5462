import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { listSubmissions } from '../../grader/class/submissions.ts'
import { similarPage } from '../../grader/similar/page.ts'
import type { Extract, Region } from '../../grader/similar/comparison.ts'
import { similarities, type Similarities } from '../../grader/similar/similar.ts'
import { text } from '../course/files.ts'
import { zipOf } from '../kit/archives.ts'
import { loadbearing } from '../kit/command.ts'
import { folderWith } from '../kit/folders.ts'

const main = text('levels/level1/main.ts')
const starter = text('levels/level1/server.ts')
const machine = text('checks/submissions/level1/correct/state-machine/level1/server.ts')
const other = text('checks/submissions/level1/correct/collects-then-regex/level1/server.ts')

/** Other names, other strings, other comments, other formatting. */
const disguised = `// all mine\n${machine}`
  .replace(/\bstate\b/g, 'phase')
  .replace(/#(\w)/g, '#my$1')
  .replace(/'value'/g, '"worth"')
  .replace(/^ +/gm, '\t')

/** Half of one, in the middle of something else, in another file. */
const borrowed = `${other}\n${machine.slice(machine.indexOf('class Machine'))}`

const reference = {
  'reference/level1/main.ts': main,
  'reference/level1/server.ts': text('solutions/level1/server.ts'),
  'reference/level1/routes.ts': text('solutions/level1/routes.ts'),
}

async function found(files: Readonly<Record<string, string>>, level = 1): Promise<Similarities> {
  return await similarities(await listSubmissions(await folderWith(files)), level)
}

function shareOf({ pairs }: Similarities, one: string, two: string): number | undefined {
  return pairs.find(({ left, right }) => [left, right].toSorted().join() === [one, two].join())
    ?.similarity
}

/** The places that the most similar pair has in common, as they are shown. */
function regionsOf({ pairs }: Similarities): readonly Region[] {
  const regions = pairs[0]?.regions
  return regions === undefined || regions === 'too much' ? [] : regions
}

/** `level1/server.ts:12` */
function linesOf(places: readonly Extract[]): string[] {
  return places.flatMap(({ file, from, lines, omitted }) =>
    Array.from({ length: lines.length + omitted }, (_, index) => `${file}:${from + index}`),
  )
}

describe('two submissions', () => {
  it('are alike with other names, comments and formatting, and unlike with another design', async () => {
    const similar = await found({
      'a/level1/main.ts': main,
      'a/level1/server.ts': machine,
      'b/level1/main.ts': main,
      'b/level1/server.ts': disguised,
      'c/level1/main.ts': main,
      'c/level1/server.ts': other,
    })
    expect(disguised).not.toContain('state')
    expect(similar.pairs[0]).toMatchObject({ left: 'a', right: 'b' })
    expect(shareOf(similar, 'a', 'b')).toBeGreaterThan(0.95)
    expect(shareOf(similar, 'a', 'c')).toBeLessThan(0.1)
    expect(shareOf(similar, 'b', 'c')).toBeLessThan(0.1)
  })

  it('are alike where one has the other’s code in another file, beside its own', async () => {
    const similar = await found({
      'a/level1/main.ts': main,
      'a/level1/server.ts': machine,
      'b/level1/main.ts': main,
      'b/level1/parts/all.ts': borrowed,
    })
    const share = shareOf(similar, 'a', 'b')
    expect(share).toBeGreaterThan(0.4)
    expect(share).toBeLessThan(0.9)
    const [region] = regionsOf(similar)
    expect(region?.left.file).toBe('level1/server.ts')
    expect(region?.right.file).toBe('level1/parts/all.ts')
    expect(region?.left.lines.length).toBeGreaterThan(20)
    // The same lines stand beside each other.
    expect(region?.right.lines.slice(1, 20)).toEqual(region?.left.lines.slice(1, 20))
  })

  it('have nothing in common by what the course hands out, edited or not', async () => {
    const similar = await found({
      'a/level1/main.ts': main,
      'a/level1/server.ts': `${starter}\n${machine}`,
      'b/level1/main.ts': main,
      'b/level1/server.ts': `${starter.replaceAll('socket', 'connection')}\n${other}`,
      'c/level1/main.ts': main,
      'c/level1/server.ts': starter,
      ...reference,
    })
    expect(shareOf(similar, 'a', 'b')).toBeLessThan(0.1)
    expect(similar.empty).toEqual(['c'])
    expect(similar.pairs).toHaveLength(1)
  })

  it('have nothing in common by what they took along from a level below', async () => {
    const below = {
      'a/level2/main.ts': main,
      'a/level2/server.ts': reference['reference/level1/server.ts'],
      'b/level2/main.ts': main,
      'b/level2/server.ts': reference['reference/level1/server.ts'],
    }
    const { compared, refused } = await found(below, 2)
    expect({ compared, refused }).toEqual({ compared: 0, refused: [] })
  })

  it('are alike in an edited starter when both have the same edits', async () => {
    const edits = machine.slice(0, machine.indexOf('class Machine'))
    const similar = await found({
      'a/level1/main.ts': main,
      'a/level1/server.ts': `${starter}\n${machine}`,
      'b/level1/main.ts': main,
      'b/level1/server.ts': `${machine}\n${starter}\n${edits}`,
    })
    expect(shareOf(similar, 'a', 'b')).toBeGreaterThan(0.8)
  })

  it('are shown side by side without what the course hands out, to the last line that they share', async () => {
    const given = `${starter}\n${reference['reference/level1/server.ts']}\n`
    const similar = await found({
      'a/level1/main.ts': main,
      'a/level1/server.ts': `${given}${machine}`,
      'b/level1/main.ts': main,
      'b/level1/server.ts': `${given}${disguised}`,
    })
    const count = (text: string) => text.split('\n').length - 1
    for (const [side, text] of [
      ['left', machine],
      ['right', disguised],
    ] as const) {
      const lines = linesOf(regionsOf(similar).map((region) => region[side])).map((line) =>
        Number(line.split(':')[1]),
      )
      expect(lines.length).toBeGreaterThan(100)
      expect(Math.min(...lines)).toBeGreaterThan(count(given))
      expect(Math.max(...lines)).toBe(count(given) + count(text))
    }
  })

  it('have no line in two of the places that are shown', async () => {
    const part = machine.slice(machine.indexOf('class Machine'))
    // Two ways to lay the parts beside each other, and a line that two of them share.
    const twice = `${other.trim()} ${part}\n${part}`
    const once = `${part}\n${other}`
    for (const [a, b] of [
      [twice, once],
      [once, twice],
    ] as const) {
      const similar = await found({
        'a/level1/main.ts': main,
        'a/level1/server.ts': a,
        'b/level1/main.ts': main,
        'b/level1/server.ts': b,
      })
      for (const side of ['left', 'right'] as const) {
        const lines = linesOf(regionsOf(similar).map((region) => region[side]))
        expect(lines.length).toBeGreaterThan(100)
        expect(new Set(lines).size).toBe(lines.length)
      }
    }
  })

  it('of very many lines are read like others', async () => {
    const lines = { 'a/level1/main.ts': main, 'a/level1/server.ts': '\n'.repeat(250_000) }
    const { refused } = await found({ ...lines, 'b/level1/main.ts': main })
    expect(refused).toEqual([])
  })

  it('that repeat one line for ever are not laid side by side', async () => {
    const endless = `export const x = [\n${'  { a: f(b, [c, d]), e: (g) => h },\n'.repeat(6000)}]\n`
    const similar = await found({
      'a/level1/main.ts': main,
      'a/level1/server.ts': endless,
      'b/level1/main.ts': main,
      'b/level1/server.ts': endless,
    })
    expect(similar.pairs).toMatchObject([{ similarity: 1, regions: 'too much' }])
    expect(similarPage(similar)).toContain('would take too long: read them yourself')
  })
})

describe('a submission', () => {
  it('that is the reference, whatever its names and its order of files, is told to be', async () => {
    const server = reference['reference/level1/server.ts']
    const routes = reference['reference/level1/routes.ts']
    const own = `
export function sumOf(values: readonly number[]): number {
  let sum = 0
  for (const value of values) {
    if (value < 0) continue
    sum += value * 2
  }

  // A comment is no line of code.
  return sum
}
`
    const similar = await found({
      ...reference,
      'changed/level1/main.ts': main,
      'changed/level1/all.ts': `${server.replaceAll('socket', 'connection')}${own}`,
      'changed/level1/routes.ts': routes,
      'few/level1/main.ts': main,
      'few/level1/server.ts': `${starter}\n${routes.slice(routes.indexOf('function home'))}`,
      'half/level1/main.ts': main,
      'half/level1/server.ts': `${server}\n${machine}\n${other}`,
      'starter/level1/main.ts': main,
      'starter/level1/server.ts': starter,
      'theirs/level1/main.ts': main,
      'theirs/level1/server.ts': machine,
    })
    expect(similar.fromReference).toMatchObject([
      { id: 'reference', own: 0 },
      { id: 'changed', own: 8 },
    ])
    expect(similar.empty).toEqual(['few', 'starter'])
    const html = similarPage(similar)
    expect(html).toMatch(/<li>reference: the reference solution in all of its \d+ lines</)
    expect(html).toMatch(/<li>changed: the reference solution, but for 8 of \d+ lines</)
  })
})

describe('the page', () => {
  const place = { file: 'level1/server.ts', from: 7, lines: ['one', 'two'], omitted: 3 }
  const pageOf = (count: number) => {
    const regions = Array.from({ length: count }, () => ({ left: place, right: place }))
    const pairs = [{ left: 'a', right: 'b', similarity: 0.5, regions }]
    const names = new Map<string, string>()
    const others = { fromReference: [], empty: [], refused: [] }
    return similarPage({ level: 1, compared: 2, pairs, allPairs: 1, ...others, names })
  }

  it('says how much of a pair it does not show', () => {
    expect(pageOf(12)).not.toContain('in common,')
    expect(pageOf(13)).toContain('They have 1 more place in common, 5 lines together.')
    expect(pageOf(14)).toContain('They have 2 more places in common, 10 lines together.')
    expect(pageOf(14).match(/lines 7 to 11/g)).toHaveLength(24)
  })

  it('says that there is nothing to show where only single lines are alike', () => {
    expect(pageOf(0)).toContain('too short to show')
  })
})

describe('npm run similar', () => {
  it('reads folders and archives, names what it refuses, and writes one page', async () => {
    const from = await folderWith({
      'Jo <b>\u202E/level1/main.ts': main,
      'Jo <b>\u202E/level1/server.ts': machine.replace(
        'refused with',
        '</pre><script>alert(1)</script>',
      ),
      'broken/notes.txt': '',
      'empty/level1/main.ts': main,
      ...reference,
    })
    const zip = zipOf([
      { name: 'levels/level1/main.ts', text: main },
      { name: 'levels/level1/server.ts', text: disguised },
    ])
    await writeFile(path.join(from, 'anna.zip'), zip)
    const out = path.join(await folderWith(), 'similar.html')
    const { code, stdout, stderr } = await loadbearing([
      'similar',
      from,
      '--level',
      '1',
      '--out',
      out,
    ])
    expect(stderr).toBe('')
    expect(stdout).toMatch(/^2 submissions of level 1 compared, 1 pair; starter and reference/)
    expect(stdout).toMatch(/\n +(9\d|100) % similar {2}Jo <b>\? +anna\n/)
    expect(stdout).toMatch(
      /Beyond the starter, largely the reference:\n {2}reference: the reference solution in all of its \d+ lines\n/,
    )
    expect(stdout).toContain('Too little of their own to be compared: empty')
    expect(stdout).toContain('Refused:\n  broken: There is no folder level1')
    expect(code).toBe(0)
    const html = await readFile(out, 'utf8')
    expect(html).toContain('level1/server.ts, lines ')
    expect(html).toContain('&lt;/pre>&lt;script>alert(1)')
    expect(html).not.toContain('<script>alert')
    expect(html).not.toMatch(/cheat|plagiar|\u202E/i)
    expect(html).not.toMatch(/\b(src|href)="(?!#)/)
  })

  it('answers bad input with a sentence', async () => {
    for (const [args, sentence] of [
      [['similar', '/nowhere', '--level', '1'], /no file or folder \/nowhere/],
      [['similar', '/tmp'], /--level <level>/],
      [['similar', '/tmp', '--level', '12'], /no level or task "12"/],
    ] as const) {
      const { code, stderr } = await loadbearing(args)
      expect(stderr).toMatch(sentence)
      expect(code).toBe(2)
    }
  })
})
