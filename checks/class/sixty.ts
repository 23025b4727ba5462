/**
 * A made-up class of sixty, graded twice, the first time killed in the middle: `node checks/class/sixty.ts 3`.
 *
 * Perfect ones, other designs, half-done ones, starters, wrong recipes, hostile ones; folders, archives of both kinds,
 * and names as they come in a class of strangers. Prints how long each grading took, the most memory that the grader
 * itself had, and whose score differed: nobody's may.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { root } from '../../grader/course.ts'
import { temporaryFolder } from '../../harness/reaper.ts'
import { writeEdited, type Edited } from '../../tests/kit/edited.ts'
import { written } from '../kit/correct-servers.ts'
import { each } from '../kit/messages.ts'
import { tarGzOf, zipOf } from '../kit/archives.ts'
import { server } from '../hostile/making.ts'
import { shapes, writeShaped } from '../submissions/shapes.ts'
import { wrongServers as ofLevel1 } from '../submissions/level1/wrong.ts'
import { wrongServers as ofLevel2 } from '../submissions/level2/wrong.ts'
import { wrongServers as firstHalf } from '../submissions/level3/wrong-3a.ts'
import { wrongServers as secondHalf } from '../submissions/level3/wrong-3b.ts'

const STUDENTS = 60
/** The first grading is killed when so many have their grade. */
const KILLED_AFTER = 20

const NAMES = [
  'Lovelace, Ada',
  'O’Neill "Shay"',
  "=cmd|'C calc'!A0",
  '👩‍💻 Ünï çødé',
  '\u202egnp.exe\u202c \u200fشروق',
]

/** Puts `levelN` of a submission into a folder. */
type Lay = (into: string) => Promise<unknown>

const level = Number(process.argv[2] ?? '1')
const wrong: readonly Edited[] =
  { 1: ofLevel1, 2: ofLevel2, 3: [...firstHalf, ...secondHalf] }[level] ?? []
const starter: Lay = async (into) => {
  for (let number = 1; number <= level; number++) {
    const from = number === level ? 'levels' : 'solutions'
    await cp(path.join(root, from, `level${number}`), path.join(into, `level${number}`), {
      recursive: true,
    })
  }
}

/** It fills up what the kinds leave of the sixty. */
function perfect(into: string): Promise<void> {
  return writeEdited({ name: '', what: '', edits: [] }, level, into)
}

/** Every `step`-th module is still as it was handed out. */
function halfDone(step: number): Lay {
  return async (into) => {
    await perfect(into)
    const folder = path.join(root, 'levels', `level${level}`)
    const modules = (await readdir(folder)).filter((file) => file.endsWith('.ts'))
    for (const file of each(step, modules))
      await cp(path.join(folder, file), path.join(into, `level${level}`, file))
  }
}

function mainAlone(text: string): Lay {
  return async (into) => {
    await mkdir(path.join(into, `level${level}`))
    await writeFile(path.join(into, `level${level}`, 'main.ts'), text)
  }
}

const hostile: readonly Lay[] = [
  mainAlone('for (;;);\n'),
  mainAlone("for (;;) process.stdout.write('x'.repeat(65536))\n"),
  mainAlone('const all: Buffer[] = []\nfor (;;) all.push(Buffer.alloc(1 << 24, 1))\n'),
  mainAlone("import fs from 'node:fs'\nfs.readFileSync('/etc/shadow')\n"),
  mainAlone('process.kill(-1, 9)\nprocess.kill(process.ppid, 9)\n'),
  mainAlone(server('socket.destroy()')),
  mainAlone(server("setInterval(() => socket.write('HTTP/1.1 200 OK\\r\\nX: y\\r\\n'), 50)")),
  mainAlone('const = 1\n'),
  async (into) => await writeFile(path.join(into, 'notes.txt'), 'nothing'),
]

const lays: readonly Lay[] = [
  ...shapes.map(
    (shape): Lay =>
      (into) =>
        writeShaped(shape, level, into),
  ),
  ...written(level).map(({ lay }) => lay),
  ...hostile,
  ...[2, 3, 4, 5, 6].map(halfDone),
  ...each(Math.ceil(wrong.length / 20), wrong).map(
    (edited): Lay =>
      (into) =>
        writeEdited(edited, level, into),
  ),
  ...Array.from({ length: 8 }, () => starter),
]

async function hand(place: number, submissions: string): Promise<void> {
  const name = NAMES[place] ?? `s${String(place).padStart(3, '0')}`
  const folder = path.join(submissions, name)
  await mkdir(folder)
  await (lays[place] ?? perfect)(folder)
  if (place % 3 === 0) return
  const files = await readdir(folder, { recursive: true, withFileTypes: true })
  const packed = await Promise.all(
    files
      .filter((file) => file.isFile())
      .map(async (file) => {
        const full = path.join(file.parentPath, file.name)
        return { name: path.relative(folder, full), text: await readFile(full) }
      }),
  )
  await rm(folder, { recursive: true })
  const [ending, archive] =
    place % 3 === 1 ? (['.zip', zipOf(packed)] as const) : (['.tar.gz', tarGzOf(packed)] as const)
  await writeFile(`${folder}${ending}`, archive)
}

interface Grading {
  readonly graded: number
  readonly seconds: number
  /** VmHWM of the grader's own process. */
  readonly megabytes: number
}

/** @param most - is killed when so many lines have come */
async function grade(submissions: string, out: string, most = Infinity): Promise<Grading> {
  const begun = performance.now()
  const command = ['class', submissions, '--level', String(level), '--out', out]
  const fixed = ['--seed', '1', '--no-bench']
  const child = spawn(process.execPath, [path.join(root, 'grader/main.js'), ...command, ...fixed], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let [graded, kilobytes] = [0, 0]
  for await (const text of child.stdout.setEncoding('utf8')) {
    graded += (text as string).match(/^\[\d+ of \d+\]/gm)?.length ?? 0
    const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '')
    kilobytes = Math.max(kilobytes, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0))
    if (graded >= most) child.kill('SIGKILL')
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  return {
    graded,
    seconds: Math.round((performance.now() - begun) / 1000),
    megabytes: Math.round(kilobytes / 1024),
  }
}

function scores(out: string): Map<string, string> {
  const database = new DatabaseSync(path.join(out, 'class.sqlite'), { readOnly: true })
  const rows = database.prepare('select submission, earned, start_code from grading').all()
  database.close()
  return new Map(
    rows.map(({ submission, earned, start_code }) => [
      String(submission),
      `${String(earned)} ${String(start_code)}`,
    ]),
  )
}

const folder = await temporaryFolder()
const submissions = path.join(folder, 'submissions')
await mkdir(submissions)
for (let place = 0; place < STUDENTS; place++) await hand(place, submissions)
const say = (what: string, { graded, seconds, megabytes }: Grading) =>
  process.stdout.write(`${what}: ${graded} graded in ${seconds} s, ${megabytes} MB\n`)

const [first, second] = [path.join(folder, 'first'), path.join(folder, 'second')]
say('killed', await grade(submissions, first, KILLED_AFTER))
say('and on', await grade(submissions, first))
say('whole', await grade(submissions, second))
const [before, after] = [scores(first), scores(second)]
const differing = [...before].filter(([name, score]) => after.get(name) !== score)
process.stdout.write(`${before.size} and ${after.size} have a score, ${differing.length} differ\n`)
for (const [name, score] of differing)
  process.stdout.write(`  ${name}: ${score}, then ${after.get(name) ?? 'none'}\n`)
for (const [name, score] of [...before].toSorted())
  process.stdout.write(`  ${JSON.stringify(name)} ${score}\n`)
if (process.argv[3] !== undefined) await cp(first, process.argv[3], { recursive: true })
process.exitCode = differing.length === 0 && before.size === STUDENTS ? 0 : 1
