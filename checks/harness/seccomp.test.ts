/** The filter, run as the kernel would run it. */
import { describe, expect, it } from 'vitest'
import { seccompFilter } from '../../harness/sandbox/seccomp.ts'

const X86_64 = 0xc000_003e
const ALLOW = 0x7fff_0000
const EPERM = 0x0005_0001
const ENOSYS = 0x0005_0026

/** What the filter answers to a system call (seccomp(2), classic BPF). */
function answer(filter: Buffer, call: number, argument = 0, architecture = X86_64): number {
  const data = Buffer.alloc(64)
  data.writeUInt32LE(call, 0)
  data.writeUInt32LE(architecture, 4)
  data.writeUInt32LE(argument, 16)
  let loaded = 0
  for (let at = 0; ; at++) {
    const code = filter.readUInt16LE(8 * at)
    const value = filter.readUInt32LE(8 * at + 4)
    if (code === 0x06) return value
    if (code === 0x20) {
      loaded = data.readUInt32LE(value)
      continue
    }
    const holds =
      code === 0x15 ? loaded === value : code === 0x35 ? loaded >= value : (loaded & value) !== 0
    at += filter.readUInt8(8 * at + (holds ? 2 : 3))
  }
}

const THREAD = 0x003d_0f00

describe('the filter of system calls', () => {
  const alone = seccompFilter({ processes: false })
  const many = seccompFilter({ processes: true })

  it('allows what a server does: read, accept, threads', () => {
    for (const call of [0, 43, 288, 232]) expect(answer(alone, call)).toBe(ALLOW)
    expect(answer(alone, 56, THREAD)).toBe(ALLOW)
  })

  it('refuses ptrace, bpf, io_uring, mount, unshare and keys', () => {
    for (const call of [101, 321, 425, 165, 272, 250]) {
      expect(answer(alone, call)).toBe(EPERM)
      expect(answer(many, call)).toBe(EPERM)
    }
  })

  it('refuses processes where a level has one, and new namespaces everywhere', () => {
    expect([57, 58].map((call) => answer(alone, call))).toEqual([EPERM, EPERM])
    expect(answer(alone, 56, 17)).toBe(EPERM)
    expect([57, 58].map((call) => answer(many, call))).toEqual([ALLOW, ALLOW])
    expect(answer(many, 56, 17)).toBe(ALLOW)
    expect(answer(many, 56, 0x1000_0000)).toBe(EPERM)
  })

  it('sends the C library from clone3 to clone, and ends calls of another architecture', () => {
    expect(answer(alone, 435)).toBe(ENOSYS)
    expect(answer(alone, 0, 0, 0x4000_0003)).toBe(0x8000_0000)
    expect(answer(alone, 0x4000_0000)).toBe(EPERM)
  })
})
