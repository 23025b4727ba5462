/** Bad input gets a sentence that names the thing and the remedy, and its exit code. */
import { spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { open, symlink } from 'node:fs/promises'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { Result } from '../../grader/result.ts'
import { root } from '../../grader/course.ts'
import { fileRefused } from '../../grader/file-refused.ts'
import { loadbearing } from '../kit/command.ts'
import { folderWith } from '../kit/folders.ts'
import { serverThat } from '../kit/submission.ts'

const CLASS = ['class', 'nowhere', '--level', '3', '--out', 'nowhere-else']

describe('a command that cannot be understood ends with exit code 2', () => {
  const commands: [args: string[], sentence: RegExp][] = [
    [['test', 'level9'], /no level or task "level9".*level1/],
    [['test', 'lvel1'], /no level or task "lvel1"/],
    [['test', '1.9'], /no task "1.9".*1\.1 \(Request line/],
    [['hint', 'level1'], /Name a task, for instance 1\.1/],
    [['test', 'level1', '--sead', '1'], /Unknown option '--sead'.*--seed/s],
    [['test', 'level1', '--seed', 'seven'], /--seed.*whole number/s],
    [['test', 'level1', 'level2'], /[Tt]oo many arguments/],
    [['grade'], /Which level, or which task\?/],
    [['hint'], /Which task\? For instance: npm run hint -- 1\.3/],
    [['test', 'level', '1'], /Did you mean level1\?/],
    [['compare', '1.3'], /Levels are compared as a whole: npm run compare -- level1/],
    [['bench', '1.3'], /A bench measures a whole level: npm run bench -- level1/],
    [['grade', 'level1', '--from', '/nowhere/at/all'], /There is no folder \/nowhere\/at\/all/],
    [['tset'], /[Uu]nknown command 'tset'/],
    [['test', '1.1', '1.2'], /Several tasks are one word: 1\.1,1\.2/],
    [['test', '1.1', '--from', 'README.md'], /README\.md is a file.*holds level1, level2/],
    [['test', '1.1', '--from', 'levels/level1'], /level1 is a level itself.*the one above it/],
    [['test', '1.1', '--from', 'grader'], /There is no level in .*grader, neither at its top/],
    [['class', '--level', '3', '--out', 'r'], /Which submissions\? Name their folder/],
    [['class', '--level', '3', '--out', 'r', '--only', 'ada', 'subs'], /before any --only/],
    [['viva', '--level', '3'], /Which submission\?.*npm run viva/],
    [
      ['class', 'x', '--levl', '3', '--out', 'r'],
      /--level <level> is missing: did you mean it by --levl\?/,
    ],
    [['similar', 'x'], /--level <level> is missing\. npm run similar -- --help/],
    [['class', 'levels', '--level', '1', '--out', 'levels/r'], /levels\/r lies in levels/],
    [['class', 'grader', '--level', '1', '--out', '/nowhere', '--publish'], /Nothing is graded in/],
    [[...CLASS, '--dry-run', '--discard'], /--dry-run and --discard are different things/],
    [[...CLASS, '--publish', '--dry-run'], /--dry-run and --publish are different things/],
    [[...CLASS, '--regrade', '--discard'], /--discard forgets a regrading/],
    [[...CLASS, '--jobs', '0'], /--jobs is how many.*1 to 64/],
    [[...CLASS, '--weights', '3.1=much'], /The weight "3\.1=much"/],
    [['flake', 'level1', '--runs', '0'], /--runs is how often.*at least 1/],
    [['flake', 'level1', '--jobs', '0'], /--jobs is how many.*at least 1/],
  ]
  for (const [args, sentence] of commands) {
    it.concurrent(`loadbearing ${args.join(' ')}`, async () => {
      const { code, stderr } = await loadbearing(args)
      expect(stderr).toMatch(sentence)
      expect(stderr).not.toMatch(/\n\s+at /)
      expect(code).toBe(2)
    })
  }
})

describe('a place that the file system refuses', () => {
  for (const [args, place] of [
    [['handout', '--out', '/dev/null/below'], '/dev/null/below'],
    [['export', 'classroom', '--level', '1', '--out', '/dev/null/below'], '/dev/null/below'],
  ] as const) {
    it.concurrent(`is named in a sentence: ${args.join(' ')}`, async () => {
      const { code, stderr } = await loadbearing(args)
      expect(stderr).toMatch(
        new RegExp(`${place}.* cannot be used: what lies above it is no folder`),
      )
      expect(stderr).not.toMatch(/\n\s+at /)
      expect(code).toBe(3)
    })
  }

  it.concurrent(
    'is named also where nobody can make a folder, and in a circle of links',
    async () => {
      const circle = path.join(await folderWith(), 'circle')
      await symlink(circle, circle)
      for (const out of ['/proc/loadbearing', circle]) {
        const { code, stderr } = await loadbearing(['handout', '--out', out])
        expect(stderr).toMatch(
          /^\S+ cannot be used: .* \((ENOENT|ELOOP), \w+\)\. Name another place/,
        )
        expect(stderr).toContain(out)
        expect(code).toBe(3)
      }
    },
  )

  it('is no excuse for a file of ours that is missing', () => {
    const missing = (file: string, syscall = 'open') =>
      fileRefused(Object.assign(new Error('missing'), { code: 'ENOENT', syscall, path: file }))
    expect(missing('/nowhere/at/all')).toMatch(/^\/nowhere\/at\/all cannot be used/)
    expect(missing(path.join(root, 'solutions/level9/main.ts'))).toBeUndefined()
    expect(missing('bwrap', 'spawn bwrap')).toBeUndefined()
  })
})

describe('output that cannot be written', () => {
  it('ends nothing, and is said, with exit code 3', async () => {
    const full = await open('/dev/full', 'w')
    const child = spawn(process.execPath, [path.join(root, 'grader/main.js'), 'progress'], {
      stdio: ['ignore', full.fd, 'pipe'],
    })
    const [stderr] = await Promise.all([text(child.stderr as Readable), once(child, 'close')])
    await full.close()
    expect(stderr).toBe('The output could not be written (ENOSPC).\n')
    expect(child.exitCode).toBe(3)
  })
})

describe('an option that npm keeps for itself, because no -- stands before it,', () => {
  it('is told, though what is left of the command cannot be understood either', async () => {
    const { code, stderr } = await loadbearing(['class', 'subs', '3', 'reports'], {
      npm_config_level: 'true',
    })
    expect(stderr).toMatch(/npm has taken --level.*npm run class -- … --level/)
    expect(code).toBe(2)
  })

  it('is asked for again, with exit code 2', async () => {
    const { code, stderr } = await loadbearing(['test', '1.1'], { npm_config_on_reference: 'true' })
    expect(stderr).toMatch(/npm has taken --on-reference.*npm run test -- … --on-reference/)
    expect(code).toBe(2)
  })
})

describe('a submission that cannot be tried', () => {
  it.concurrent('is told so in a sentence, with exit code 1', async () => {
    const from = await folderWith({ 'level1/server.ts': '' })
    const { code, stdout } = await loadbearing(['test', 'level1', '--from', from])
    expect(stdout).toContain('level1/main.ts is missing')
    expect(stdout).toContain('TROUBLESHOOTING.md, "NO_MAIN"')
    expect(code).toBe(1)
  })

  it.concurrent('because main.ts is a folder is told so', async () => {
    const from = await folderWith({ 'level1/main.ts/lost.ts': '' })
    const { code, stdout } = await loadbearing(['test', 'level1', '--from', from])
    expect(stdout).toContain('level1/main.ts is a folder, but it must be a file')
    expect(code).toBe(1)
  })

  it.concurrent('that does not parse has no types to be wrong', async () => {
    const folder = await folderWith({ 'level1/main.ts': 'const = 1\n' })
    const { stdout } = await loadbearing(['test', '1.1', '--from', folder, '--json'])
    const { start, typeErrors } = Result.parse(JSON.parse(stdout))
    expect(start?.code).toBe('SYNTAX_ERROR')
    expect(typeErrors).toEqual([])
  })

  it.concurrent('with type errors still runs; they come first and are counted', async () => {
    const from = await folderWith({
      'level1/main.ts': `const a: number = 'one'\nconst b: string = 2\nprocess.exit(Number(a) + Number(b) > 0 ? 4 : 5)\n`,
    })
    const { code, stdout } = await loadbearing(['test', 'level1', '--from', from])
    expect(stdout).toMatch(
      /^Level 1.*\n\n2 type errors \(cost no points\):\n {2}levels\/level1\/main\.ts, line 1: TS2322/,
    )
    expect(stdout).toContain('exit code 5')
    expect(code).toBe(1)
  })

  it.concurrent('is no reason for bench to print a number', async () => {
    const from = await folderWith(
      serverThat(`socket.end('HTTP/1.1 200 OK\\r\\nContent-Length: 3\\r\\n\\r\\nHi!')`),
    )
    const out = await folderWith()
    const { code, stdout } = await loadbearing(['bench', 'level1', '--from', from, '--out', out])
    expect(stdout).toMatch(
      /answers were wrong: GET \/\S* was answered with 3 bytes of content\s+instead of/,
    )
    expect(stdout).not.toMatch(/\d req\/s/)
    expect(code).toBe(1)
  })
})

describe('a place that cannot be written', () => {
  const places: [what: string, place: () => Promise<string>][] = [
    ['below a file', async () => `${await folderWith({ file: '' })}/file/below`],
    ['where the system lets nobody make a folder', () => Promise.resolve('/proc/loadbearing')],
  ]
  it.concurrent.each(places)('costs no result that was earned: %s', async (_, place) => {
    const out = await place()
    const { code, stdout, stderr } = await loadbearing(['grade', '1.1', '--solution', '--out', out])
    expect(stdout).toContain('Score 15 of 15')
    expect(stderr).toMatch(/result\.json cannot be written \(E\w+\).*--out/)
    expect(stderr).toMatch(/report cannot be written.*The result above stands/)
    expect(code).toBe(3)
  })
})

describe('npm start', () => {
  it('names a port that is in use, with exit code 1', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as { port: number }
    const { code, stdout, stderr } = await loadbearing(['start', 'level1', '--solution'], {
      PORT: String(port),
    })
    other.close()
    expect(stderr).toBe(
      `Port ${port} is in use: stop what listens there, or choose another one (PORT=0 takes any free one).\n`,
    )
    expect(stdout).toBe('')
    expect(code).toBe(1)
  })
})
