/** Everything has its place, and nothing is without one. */
import * as esbuild from 'esbuild'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from '../../grader/course.ts'
import { hintsFor } from '../../grader/hints.ts'
import { faults } from '../../harness/faults.ts'
import { levels } from '../../levels/register.ts'
import { courseFiles, text } from './files.ts'

const CURRENT_RFCS = new Set([
  5789, 5861, 6265, 6455, 6585, 7301, 7515, 7519, 7541, 7692, 8246, 8297, 9000, 9110, 9111, 9112,
  9113, 9114, 9204, 9218, 3986, 4291, 4648, 5234, 8259, 9530, 2046, 7578,
])

for (const level of levels) {
  const folder = `levels/level${level.number}`
  const assignment = `${folder}/README.md`

  describe(`level ${level.number}`, () => {
    it('is in the README of the course', () => {
      expect(text('README.md')).toContain(`levels/level${level.number}/README.md`)
    })

    for (const task of level.tasks) {
      it(`has all of task ${task.id}: heading, files, three hints, public and hidden tests`, () => {
        expect(text(assignment)).toContain(`\n## Task ${task.id} — ${task.title}\n`)
        expect(hintsFor(task.id).map(({ title }) => title)).toEqual([
          '1 Question',
          '2 Pointer',
          '3 Shape',
        ])
        expect(text('HINTS.md')).toContain(`\n### Task ${task.id} — ${task.title}\n`)
        const files = [
          ...task.files.flatMap((file) => [
            `${folder}/${file}`,
            `solutions/level${level.number}/${file}`,
          ]),
          ...['public', 'hidden'].map(
            (suite) => `tests/${suite}/level${level.number}/${task.module}.test.ts`,
          ),
        ]
        expect(files.filter((file) => !existsSync(path.join(root, file)))).toEqual([])
      })
    }

    it('gives 100 points in all', () => {
      expect(level.tasks.reduce((sum, { points }) => sum + points, 0)).toBe(100)
    })

    it('names every TODO after a task', () => {
      const ids = new Set(level.tasks.map(({ id }) => id))
      const wrong = sourceFiles(folder).flatMap((file) =>
        [...text(file).matchAll(/TODO(?:\((.*?)\))?|NotImplementedError\('(.*?)'/g)]
          .filter(([, todo, thrown]) => !ids.has(todo ?? thrown ?? ''))
          .map(([whole]) => `${file}: ${whole}`),
      )
      expect(wrong.filter((line) => !line.includes('not-implemented.ts'))).toEqual([])
    })

    it('lists every starter file, as given or as part of a task', () => {
      const listed = new Set(
        [...level.given, ...level.tasks.flatMap(({ files }) => files)].map(
          (file) => `${folder}/${file}`,
        ),
      )
      expect(sourceFiles(folder).filter((file) => !listed.has(file))).toEqual([])
    })

    it('gives the same files to learner and reference', () => {
      for (const file of level.given) {
        expect(text(`solutions/level${level.number}/${file}`), file).toBe(text(`${folder}/${file}`))
      }
    })

    it('has twins with the same exports', async () => {
      for (const file of sourceFiles(folder)) {
        const twin = file.replace(/^levels/, 'solutions')
        expect(await exportsOf(twin), twin).toEqual(await exportsOf(file))
      }
    })

    it('uses every file of its reference', async () => {
      const given = level.given.map((file) => `solutions/level${level.number}/${file}`)
      const used = new Set([...(await reachableFrom(level.number)), ...given])
      const idle = sourceFiles(`solutions/level${level.number}`).filter((file) => !used.has(file))
      expect(idle).toEqual([])
    })
  })
}

describe('the house', () => {
  it('imports only downwards', () => {
    const mayImport: Readonly<Record<string, readonly string[]>> = {
      harness: ['harness', 'levels/register.ts'],
      tests: ['tests', 'harness', 'levels'],
      bench: ['bench', 'harness', 'levels/register.ts'],
      grader: ['grader', 'bench', 'tests', 'harness', 'levels/register.ts'],
    }
    const wrong = Object.entries(mayImport).flatMap(([floor, allowed]) =>
      sourceFiles(floor).flatMap((file) =>
        [...text(file).matchAll(/^import (type )?[^'"]*?from ['"](\.[^'"]+)['"]/gm)]
          .map(([, type, specifier = '']) => ({
            type,
            target: path.posix.join(path.posix.dirname(file), specifier),
          }))
          // A type is gone when the code runs.
          .filter(({ type }) => type === undefined)
          .filter(
            ({ target }) =>
              !allowed.some((place) => target === place || target.startsWith(`${place}/`)),
          )
          .map(({ target }) => `${file} imports ${target}`),
      ),
    )
    expect(wrong).toEqual([])
  })

  it('documents every fault of a submission, and no other', () => {
    const headings = [...text('TROUBLESHOOTING.md').matchAll(/^## ([A-Z0-9_]+)$/gm)].map(
      ([, code]) => code,
    )
    expect(headings.toSorted()).toEqual(Object.keys(faults).toSorted())
  })

  it('documents every code of a refusal with its status, and no other', () => {
    const catalogue = [
      ...text('levels/level2/errors.ts').matchAll(/^  ([A-Z_]+): \{\s+status: (\d+),/gm),
    ].map(([, code, status]) => `${code} ${status}`)
    const table = [
      ...text('levels/level2/README.md').matchAll(/^\| `([A-Z_]+)` \| (\d{3}) \| \S/gm),
    ].map(([, code, status]) => `${code} ${status}`)
    expect(table).toEqual(catalogue)
    expect(catalogue.length).toBeGreaterThan(20)
  })

  it('has a use for every code of a refusal, and speaks of no other', () => {
    const codes = [...text('levels/level2/errors.ts').matchAll(/^  ([A-Z_]+): \{/gm)].map(
      ([, code = '']) => code,
    )
    const references = courseFiles()
      .filter((file) => /^solutions\/level[23]\/(?!errors\.ts$).*\.ts$/.test(file))
      .map(text)
      .join('\n')
    expect(codes.filter((code) => !references.includes(`'${code}'`))).toEqual([])
    const told = courseFiles()
      .filter((file) => /^levels\/level[23]\//.test(file))
      .flatMap((file) =>
        [...text(file).matchAll(/"code":"([A-Z_]+)"|@throws \{RequestError\}(.*)/g)].flatMap(
          ([, inAnswer, thrown = '']) =>
            inAnswer ?? [...thrown.matchAll(/`([A-Z_]{6,})`/g)].map(([, code = '']) => code),
        ),
      )
    expect(told.filter((code) => !codes.includes(code))).toEqual([])
    expect(told.length).toBeGreaterThan(3)
  })

  it('cites current RFCs only', () => {
    const wrong = courseFiles()
      .filter((file) => /\.(ts|md)$/.test(file))
      .flatMap((file) =>
        [...text(file).matchAll(/RFC ?(\d{3,5})/g)].map(([, number]) => ({
          file,
          number: Number(number),
        })),
      )
      .filter(({ number }) => !CURRENT_RFCS.has(number))
      .map(({ file, number }) => `${file}: RFC ${number}`)
    expect(wrong).toEqual([])
  })

  it('gives each dependency a reason', () => {
    const reasons = text('CONTRIBUTING.md')
    for (const manifest of [
      'package.json',
      'tools/lint/package.json',
      'tools/peers/package.json',
      'tools/mutate/package.json',
    ]) {
      const { dependencies = {}, devDependencies = {} } = JSON.parse(text(manifest)) as Record<
        string,
        Record<string, string>
      >
      for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
        expect(reasons, name).toContain(`\`${name}\``)
        expect(version, name).toMatch(/^\d+\.\d+\.\d+$/)
      }
    }
  })

  it('links to files that exist', () => {
    const dead = courseFiles()
      // Read in a handout only, whose links its own check follows.
      .filter((file) => file.endsWith('.md') && file !== 'tools/handout/README.md')
      .flatMap((file) =>
        [...text(file).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)]
          .map(([, target = '']) => path.posix.join(path.posix.dirname(file), target))
          .filter((target) => !existsSync(path.join(root, target)))
          .map((target) => `${file} links to ${target}`),
      )
    expect(dead).toEqual([])
  })
})

function sourceFiles(folder: string): string[] {
  return courseFiles().filter(
    (file) =>
      file.startsWith(`${folder}/`) && file.endsWith('.ts') && existsSync(path.join(root, file)),
  )
}

async function exportsOf(file: string): Promise<string[]> {
  const { metafile } = await esbuild.build({
    ...shape,
    entryPoints: [path.join(root, file)],
    outdir: 'nowhere',
  })
  const [output] = Object.values(metafile.outputs)
  return output?.exports.toSorted() ?? []
}

/** Files that the reference's server, or a module with a task of its own, is made of. */
async function reachableFrom(level: number): Promise<Set<string>> {
  const tasks = levels.find(({ number }) => number === level)?.tasks ?? []
  const later = levels
    .filter(({ number }) => number > level)
    .map(({ number }) => `solutions/level${number}/main.ts`)
  const entries = [
    `solutions/level${level}/main.ts`,
    ...tasks.flatMap(({ files }) => files.map((file) => `solutions/level${level}/${file}`)),
    ...later,
  ].filter((file) => existsSync(path.join(root, file)))
  const { metafile } = await esbuild.build({
    ...shape,
    entryPoints: entries.map((file) => path.join(root, file)),
    outdir: 'nowhere',
  })
  // What only types are imported from leaves no trace in the output.
  const types = sourceFiles(`solutions/level${level}`).flatMap((file) =>
    [...text(file).matchAll(/from '(\.[^']+)'/g)].map(([, specifier = '']) =>
      path.posix.join(path.posix.dirname(file), specifier),
    ),
  )
  return new Set([...Object.keys(metafile.inputs), ...types])
}

const shape = {
  absWorkingDir: root,
  bundle: true,
  write: false,
  metafile: true,
  format: 'esm',
  platform: 'node',
  packages: 'external',
  logLevel: 'silent',
} as const satisfies esbuild.BuildOptions
