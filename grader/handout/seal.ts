/** Seals files for those who have a key (age, X25519), so that they may lie in the hands of everybody else. */
import { Encrypter } from 'age-encryption'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { UsageError } from '../course.ts'
import { printable } from '../terminal/style.ts'

/**
 * Packs and encrypts files: JSON of their names and bytes (base64), in gzip, in age.
 *
 * @param recipients - public keys: `age1…`
 * @throws {UsageError} when one of them is no public key
 */
export async function seal(
  files: ReadonlyMap<string, Uint8Array>,
  recipients: readonly string[],
): Promise<Uint8Array> {
  const encrypter = new Encrypter()
  for (const recipient of recipients) {
    try {
      encrypter.addRecipient(recipient)
    } catch {
      throw new UsageError(
        recipient.startsWith('AGE-SECRET-KEY-')
          ? 'That is a secret key: keep it, and give --seal its public half, which begins with age1.'
          : `"${printable(recipient)}" is no public key for --seal: these begin with age1, and age-keygen makes them.`,
      )
    }
  }
  const packed = Object.fromEntries(
    [...files].map(([name, bytes]) => [name, Buffer.from(bytes).toString('base64')]),
  )
  return await encrypter.encrypt(await promisify(gzip)(JSON.stringify(packed)))
}
