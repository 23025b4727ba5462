/**
 * Shapes that a correct server of any level may have on the wire.
 *
 * Each is a module that main.ts imports first: it changes how every socket of the process writes, below the server's own
 * code, which sees its backpressure, its callbacks and its FIN as before.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { writeEdited } from '../../tests/kit/edited.ts'

export interface Shape {
  readonly name: string
  readonly what: string
  /** `bytes` → the pieces that are written for them, one after the other, `wait` milliseconds later. */
  readonly body: string
}

export const shapes: readonly Shape[] = [
  {
    name: 'byte-by-byte',
    what: 'writes the beginning of everything one byte at a time',
    body: 'return { wait: 0, pieces: [...Array.from(bytes.subarray(0, 300), (byte) => Buffer.of(byte)), bytes.subarray(300)] }',
  },
  {
    name: 'small-writes',
    what: 'answers in many small writes of odd sizes',
    body: `const pieces: Buffer[] = []
  for (let at = 0, size = 1; at < bytes.length; at += size, size = pieces.length > 50 ? bytes.length : (size * 7 + 3) % 61 + 1)
    pieces.push(bytes.subarray(at, at + size))
  return { wait: 0, pieces }`,
  },
  {
    name: 'slow',
    what: 'takes 50 ms longer for every answer',
    body: "return { wait: bytes.toString('latin1', 0, 7) === 'HTTP/1.' ? 50 : 0, pieces: [bytes] }",
  },
  {
    name: 'odd-fields',
    what: 'has reason phrases of its own, and fields in odd order and letter case',
    body: `const [head = '', line] = /^HTTP\\/1\\.1 [2-5][^]*?\\r\\n\\r\\n/.exec(bytes.toString('latin1')) ?? []
  if (head === '' || line !== undefined) return { wait: 0, pieces: [bytes] }
  const [status = '', ...fields] = head.slice(0, -4).split('\\r\\n')
  const odd = (name: string) => name.replace(/./g, (letter, at: number) => (at % 2 ? letter.toUpperCase() : letter.toLowerCase()))
  const lines = fields.toReversed().map((field) => field.replace(/^([^:]+): /, (_, name: string) => \`\${odd(name)}:\\t \`))
  const other = [\`\${status.slice(0, 12)} \${status[9] === '2' ? 'Fine' : ''}\`, 'X-Powered-By: :', ...lines].join('\\r\\n')
  return { wait: 0, pieces: [Buffer.from(\`\${other}\\r\\n\\r\\n\`, 'latin1'), bytes.subarray(head.length)] }`,
  },
]

/** Lays a level's reference in this shape into a folder. */
export async function writeShaped(
  { name, what, body }: Shape,
  level: number,
  into: string,
): Promise<void> {
  await writeEdited({ name, what, edits: [] }, level, into)
  const folder = path.join(into, `level${level}`)
  await mkdir(folder, { recursive: true })
  await writeFile(path.join(folder, 'shape.ts'), moduleOf(body))
  const main = path.join(folder, 'main.ts')
  await writeFile(main, `import './shape.ts'\n${await readFile(main, 'utf8')}`)
}

function moduleOf(body: string): string {
  return `import { Socket } from 'node:net'

function shape(bytes: Buffer): { wait: number; pieces: Buffer[] } {
  ${body}
}

const write = Socket.prototype._write
Reflect.deleteProperty(Socket.prototype, '_writev')
Socket.prototype._write = function (chunk: Buffer | string, encoding, done) {
  // A pipe is a socket, too, and the end of a process does not wait for the rest of its log.
  if ('fd' in this) return write.call(this, chunk, encoding, done)
  const { wait, pieces } = shape(Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk as string, encoding))
  const left = pieces.filter(({ length }) => length > 0).values()
  const next = (error?: Error | null) => {
    const { value } = left.next()
    if (error != null || value === undefined) done(error)
    else write.call(this, value, 'buffer' as BufferEncoding, next)
  }
  if (wait === 0) next()
  else setTimeout(next, wait)
}
`
}
