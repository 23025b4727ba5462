/** A handout in a fresh folder does what its README says, on this Node and on the one of the system. */
import { generateX25519Identity, identityToRecipient } from 'age-encryption'
import { execFileSync, spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { cp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { makeHandout } from '../../grader/handout/handout.ts'
import { root } from '../../grader/course.ts'
import { folderWith } from '../kit/folders.ts'

const PATIENCE_MS = 600_000

const elsewhere = (process.env['PATH'] ?? '')
  .split(path.delimiter)
  .filter((folder) => !folder.includes('node_modules'))
const systems = [
  { name: 'this Node', PATH: [path.dirname(process.execPath), ...elsewhere].join(path.delimiter) },
  { name: 'the Node of the system', PATH: elsewhere.join(path.delimiter) },
]

describe.for(systems)('a handout, installed with $name', ({ PATH }) => {
  let out = ''
  let key = ''
  const npm = (args: readonly string[], env: NodeJS.ProcessEnv = {}) => {
    const { status, stdout, stderr } = spawnSync('npm', args, {
      cwd: out,
      encoding: 'utf8',
      env: { HOME: process.env['HOME'], PATH, NO_COLOR: '1', ...env },
      timeout: PATIENCE_MS,
    })
    return { code: status, stdout, stderr }
  }

  beforeAll(async () => {
    const folder = await folderWith()
    out = path.join(folder, 'handout')
    key = path.join(folder, 'key.txt')
    const identity = await generateX25519Identity()
    await writeFile(key, `# created: today\n${identity}\n`)
    const recipients = [await identityToRecipient(identity)]
    await makeHandout({ out, levels: [1, 2, 3], given: [], recipients })
    expect(npm(['ci', '--no-audit', '--no-fund'])).toMatchObject({ code: 0, stderr: '' })
  }, PATIENCE_MS)

  it('runs on some Node 20 or newer', () => {
    const version = execFileSync('node', ['-v'], { env: { PATH }, encoding: 'utf8' })
    expect(Number(/^v(\d+)/.exec(version)?.[1])).toBeGreaterThanOrEqual(20)
  })

  it('grades the server that is handed out with the public tests', () => {
    const { code, stdout, stderr } = npm(['test', '-s', '--', 'level1'])
    expect(stderr).toBe('')
    expect(stdout).toMatch(/^Level 1 — One at a time {2}levels, public tests/)
    expect(stdout).toMatch(/\nTask 1\.1 fails first: /)
    expect(stdout).toMatch(/\nScore \d+(\.\d)? of 100\n/)
    expect(code).toBe(1)
  })

  it('grades without the key by the public tests, and says so', () => {
    const { code, stdout, stderr } = npm(['run', '-s', 'grade', '--', '1.2'])
    expect(stderr).toMatch(/public tests only: the hidden ones are sealed, and LOADBEARING_KEY/)
    expect(stdout).toContain('public tests, seed')
    expect(code).toBe(1)
  })

  it('grades with the key by the hidden tests, too, and leaves nothing open', async () => {
    const levels = path.join(await folderWith(), 'levels')
    await cp(path.join(root, 'solutions'), levels, { recursive: true })
    const { code, stdout, stderr } = npm(
      ['run', '-s', 'grade', '--', '1.2', '--from', levels, '--out', path.join(out, 'out')],
      { LOADBEARING_KEY: key },
    )
    expect(stderr).toBe('')
    expect(stdout).toMatch(/public and hidden tests, seed/)
    expect(stdout).toContain('Score 15 of 15')
    expect(code).toBe(0)
    expect(readdirSync(path.join(out, 'out')).toSorted()).toEqual(['report.html', 'result.json'])
    expect(openedEditions()).toEqual([])
  })

  const keys: [title: string, key: () => Promise<string>, sentence: RegExp][] = [
    ['a missing key', async () => '/nowhere/key', /names \/nowhere\/key, which cannot be read/],
    [
      'the key of somebody else',
      async () => await keyFile(await generateX25519Identity()),
      /not one that hidden-tests\.age was sealed for/,
    ],
    ['half a key', async () => await keyFile('AGE-SECRET-KEY-1QQQQ'), /was not copied whole/],
    ['a file without a key', async () => await keyFile('hello'), /holds no secret key/],
  ]
  for (const [title, make, sentence] of keys) {
    it(`answers ${title} with a sentence`, async () => {
      const { code, stdout, stderr } = npm(['run', '-s', 'grade', '--', '1.2'], {
        LOADBEARING_KEY: await make(),
      })
      expect(stderr).toMatch(sentence)
      expect(stdout).toBe('')
      expect(code).toBe(2)
    })
  }

  it('answers with a sentence what it lacks', () => {
    for (const [args, sentence] of [
      [['test', '-s'], /Which level.* npm test -- level1/],
      [['run', '-s', 'grade', '--', 'level1', '--solution'], /comes without the reference/],
      [['exec', '--', 'node', 'grader/main.js', 'handout', '--out', 'x'], /lacks this command/],
    ] as const) {
      const { code, stderr } = npm(args)
      expect(stderr).toMatch(sentence)
      expect(code).toBe(2)
    }
  })
})

async function keyFile(text: string): Promise<string> {
  return path.join(await folderWith({ 'key.txt': `${text}\n` }), 'key.txt')
}

/** Temporary folders with hidden tests in them. */
function openedEditions(): string[] {
  return readdirSync(tmpdir()).filter((name) => {
    if (!name.startsWith('loadbearing-')) return false
    try {
      return readdirSync(path.join(tmpdir(), name, 'tests')).includes('hidden')
    } catch {
      return false
    }
  })
}
