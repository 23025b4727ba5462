/** Type errors of a submission: shown first, counted, and costing nothing. */
import { spawn } from 'node:child_process'
import { symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { root } from './course.ts'
import { writeFile } from './journal.ts'
import type { TypeErrorRecord } from './result.ts'

const PATIENCE_MS = 30_000

/**
 * Type-checks what was taken in, with the course's options.
 *
 * @param folder - the copy of the submission
 * @param files - the files to check, relative to it
 */
export async function typeErrors(
  folder: string,
  files: readonly string[],
): Promise<TypeErrorRecord[]> {
  await symlink(path.join(root, 'node_modules'), path.join(folder, 'node_modules'))
  // In one step each: the build reads in the same folder meanwhile.
  writeFile(path.join(folder, 'package.json'), '{"type":"module"}\n')
  writeFile(
    path.join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: path.join(root, 'tsconfig.json'),
      compilerOptions: { noUnusedLocals: false, noUnusedParameters: false },
      include: [],
      files,
      exclude: [],
    }),
  )
  return parse(await compilerOutput(folder))
}

async function compilerOutput(folder: string): Promise<string> {
  const compiler = createRequire(import.meta.url).resolve('typescript/package.json')
  const child = spawn(
    process.execPath,
    [path.join(path.dirname(compiler), 'bin', 'tsc'), '--pretty', 'false', '-p', folder],
    {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: PATIENCE_MS,
      killSignal: 'SIGKILL',
    },
  )
  let output = ''
  for await (const text of child.stdout.setEncoding('utf8')) {
    if (output.length < 1_000_000) output += text as string
  }
  return output
}

/** The compiler thinks of the files that it would write; here the sources are what runs. */
function withOurEndings(line: string): string {
  return line.replace(/(Did you mean '.+)\.js'/, "$1.ts'")
}

function parse(output: string): TypeErrorRecord[] {
  return output.split('\n').flatMap((line) => {
    const match = /^(.+?)\((\d+),(\d+)\): error (TS\d+: .+)$/.exec(withOurEndings(line))
    if (match === null) return []
    const [, file = '', lineNumber, column, message = ''] = match
    return [{ file: `levels/${file}`, line: Number(lineNumber), column: Number(column), message }]
  })
}
