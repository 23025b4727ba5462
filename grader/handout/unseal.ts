/**
 * Opens the sealed part of a handout, on a machine that has the key.
 *
 * What is sealed is a whole edition of the workbook, hidden tests and reference among it. It is opened into a
 * temporary folder, does the grading there, and goes.
 */
import { Decrypter } from 'age-encryption'
import { readFileSync } from 'node:fs'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { z } from 'zod'
import { root, UsageError } from '../course.ts'
import { KEY_VARIABLE, SEALED_FILE } from './sealed-file.ts'

const MAX_BYTES = 64 * 1024 ** 2

const Packed = z.record(z.string(), z.base64())

/**
 * Opens what is sealed into a folder.
 *
 * @param into - a fresh folder
 * @throws {UsageError} when the key does not fit, or the file is damaged
 */
export async function unseal(keyFile: string, into: string): Promise<void> {
  const files = await decrypt(readFileSync(path.join(root, SEALED_FILE)), identitiesIn(keyFile))
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(into, name)
    if (!file.startsWith(into + path.sep)) throw damaged()
    await mkdir(path.dirname(file), { recursive: true })
    await writeFile(file, Buffer.from(content, 'base64'))
  }
  await symlink(path.join(root, 'node_modules'), path.join(into, 'node_modules'))
}

/** As `age-keygen -o key.txt` writes it: one key a line, and comments. */
function identitiesIn(keyFile: string): string[] {
  let text: string
  try {
    text = readFileSync(keyFile, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new UsageError(
      `${KEY_VARIABLE} names ${keyFile}, which cannot be read (${code ?? 'unknown'}).`,
    )
  }
  const lines = text.split('\n').map((line) => line.trim())
  const keys = lines.filter((line) => line.startsWith('AGE-SECRET-KEY-1'))
  if (keys.length === 0) {
    throw new UsageError(
      `${keyFile}, which ${KEY_VARIABLE} names, holds no secret key: it is a line that begins with AGE-SECRET-KEY-1.`,
    )
  }
  return keys
}

async function decrypt(
  sealed: Uint8Array,
  identities: readonly string[],
): Promise<z.infer<typeof Packed>> {
  const decrypter = new Decrypter()
  try {
    for (const identity of identities) decrypter.addIdentity(identity)
  } catch {
    throw new UsageError(
      `The secret key that ${KEY_VARIABLE} names is damaged: it was not copied whole.`,
    )
  }
  try {
    const packed = await decrypter.decrypt(sealed)
    const json = await promisify(gunzip)(packed, { maxOutputLength: MAX_BYTES })
    return Packed.parse(JSON.parse(json.toString('utf8')))
  } catch (error) {
    if (!/no identity matched/.test((error as Error).message)) throw damaged()
    throw new UsageError(
      `The key that ${KEY_VARIABLE} names is not one that ${SEALED_FILE} was sealed for.`,
    )
  }
}

function damaged(): UsageError {
  return new UsageError(
    `${SEALED_FILE} is damaged: take it from the handout again. Without ${KEY_VARIABLE}, the public tests still grade.`,
  )
}
