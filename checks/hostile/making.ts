/** Makes hostile submissions: the reference of level 1 with an attack in it, or something that is no submission at all. */
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { root } from '../../grader/course.ts'
import type { FaultCode } from '../../harness/faults.ts'

/** Where a submission is made, and what lies around it. */
export interface Place {
  /** Fresh and empty. */
  readonly folder: string
  /** A readable file outside, which nothing of a submission may reach. */
  readonly secret: string
  /** A file that must never come to be. */
  readonly canary: string
  /** A port of this machine where somebody listens. */
  readonly port: number
}

/** What the grader must report. */
export type Want =
  /** Nothing could be tested, for this reason. */
  | { readonly start: FaultCode }
  /** The attack changes nothing: every test passes, as without it. */
  | { readonly score: 'in full' }
  /** It is graded, and falls short. */
  | { readonly score: 'in part' }

export interface Hostile {
  /** Its number in the list of the study; a letter where it takes several submissions. */
  readonly number: string
  readonly what: string
  readonly make: (place: Place) => Promise<unknown>
  readonly want: Want
  /** Only a strong sandbox stops it. */
  readonly strong?: true
  /** [public] */
  readonly suites?: 'public and hidden'
  /** The task that can notice it, if not the first. */
  readonly task?: string
}

/** The reference, which first runs this, with `place` in it. */
export function reference(attack: (place: Place) => string) {
  return async (place: Place): Promise<void> => {
    const level = path.join(place.folder, 'level1')
    await cp(path.join(root, 'solutions', 'level1'), level, { recursive: true })
    await writeFile(path.join(level, 'attack.ts'), `${PRELUDE}${attack(place)}\n`)
    const main = path.join(level, 'main.ts')
    await writeFile(main, `import './attack.ts'\n${await readFile(main, 'utf8')}`)
  }
}

/** `main.ts` alone, of level 1 unless it says another. */
export function main(text: string, level = 1) {
  return async ({ folder }: Place): Promise<void> => {
    await mkdir(path.join(folder, `level${level}`))
    await writeFile(path.join(folder, `level${level}`, 'main.ts'), text)
  }
}

/** What attacks share. One that succeeds ends with exit code 9, which shows in the result. */
const PRELUDE = `// @ts-nocheck
import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
// Past the look at what a submission loads, which finds who writes it down.
const builtin = (name: string) => process[['get', 'BuiltinModule'].join('')](name) as any
const succeeds = () => { process.stderr.write('the attack succeeded'); process.exit(9) }
const mustFail = (attempt: () => unknown) => {
  try { attempt() } catch { return }
  succeeds()
}
const tries = (attempt: () => unknown) => { try { attempt() } catch {} }
`

/** A server that does this with every connection. */
export function server(onConnection: string): string {
  return `import { createServer } from 'node:net'
const server = createServer((socket: any) => { socket.on('error', () => {}); ${onConnection} })
server.listen(Number(process.env.PORT), '127.0.0.1', () => console.log('listening on http://127.0.0.1:' + (server.address() as any).port))
`
}
