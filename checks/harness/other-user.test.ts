/** The sandbox for a container of one submission: another user, behind whom Node's own permissions are not needed. */
import { execFile } from 'node:child_process'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { otherUser, otherUserMissing } from '../../harness/sandbox/other-user.ts'
import { loadbearing } from '../kit/command.ts'
import { folderWith } from '../kit/folders.ts'

/** Tries what a submission must not be able to do, and says what came of it. */
const ATTACK = `
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
const attempt = (act) => { try { act(); return 'done' } catch (error) { return error.code } }
const [, , secret, results] = process.argv
console.log(JSON.stringify({
  uid: process.getuid(),
  groups: process.getgroups().filter((group) => group === 0).length,
  read: attempt(() => readFileSync(secret)),
  list: attempt(() => readdirSync(process.cwd() + '/..')),
  write: attempt(() => writeFileSync(results + '/results.json', '100')),
  signal: attempt(() => process.kill(process.ppid, 'SIGTERM')),
  root: attempt(() => process.setuid(0)),
}))
`

describe.runIf(otherUserMissing() === undefined)('the sandbox "other-user"', () => {
  it('keeps files and processes of root from a submission, also without Node’s permissions', async () => {
    const base = await folderWith({ 'secret.txt': 'expected: 4711', 'build/main.js': ATTACK })
    const build = path.join(base, 'build')
    await mkdir(path.join(base, 'results'), { mode: 0o755 })
    await chmod(path.join(base, 'secret.txt'), 0o600)
    await writeFile(path.join(build, 'package.json'), '{"type":"module"}')
    const { program, arguments: args } = otherUser.command({
      folder: build,
      entry: path.join(build, 'main.js'),
      environment: {},
      grants: {},
    })
    const walls = args.filter((arg) => !/^--(permission|allow-)/.test(arg))
    const { stdout } = await promisify(execFile)(
      program,
      [...walls, path.join(base, 'secret.txt'), path.join(base, 'results')],
      { cwd: build },
    )
    expect(JSON.parse(stdout)).toEqual({
      uid: 61_000,
      groups: 0,
      read: 'EACCES',
      list: 'EACCES',
      write: 'EACCES',
      signal: 'EPERM',
      root: 'EPERM',
    })
    expect(base.startsWith(tmpdir())).toBe(true)
  })
})

describe('--sandbox', () => {
  it('answers a sandbox that there is not with those that there are', async () => {
    const { code, stderr } = await loadbearing(['grade', 'level1', '--sandbox', 'none'])
    expect(code).toBe(2)
    expect(stderr).toContain('default, strong, other-user')
  })
})
