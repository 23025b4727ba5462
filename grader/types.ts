/** Type errors of a submission: shown first, counted, and costing nothing. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { readerIn } from '../harness/sandbox/reader.ts'
import type { SandboxName } from '../harness/sandbox/sandbox.ts'
import { root } from './course.ts'
import { writeFile } from './journal.ts'
import type { TypeErrorRecord } from './result.ts'

const PATIENCE_MS = 30_000

/** What the compiler reads of ours. */
const READS = [
  'tsconfig.json',
  ...['typescript', '@typescript', '@types', 'undici-types'].map((name) => `node_modules/${name}`),
]

/**
 * Type-checks what was taken in, with the course's options.
 *
 * @param folder - the copy of the submission
 * @param files - the files to check, relative to it
 * @param sandbox - the one in which the submission runs
 */
export async function typeErrors(
  folder: string,
  files: readonly string[],
  sandbox: SandboxName,
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
  return parse(await compilerOutput(folder, sandbox))
}

async function compilerOutput(folder: string, sandbox: SandboxName): Promise<string> {
  const compiler = createRequire(import.meta.url).resolve('typescript/package.json')
  const tsc = path.join(path.dirname(compiler), 'bin', 'tsc')
  const reads = READS.map((name) => path.join(root, name)).filter((name) => existsSync(name))
  const script = [tsc, '--pretty', 'false', '-p', folder]
  const { program, arguments: args } = readerIn(sandbox, folder, reads, script)
  const child = spawn(program, args, {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: PATIENCE_MS,
    killSignal: 'SIGKILL',
  })
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
