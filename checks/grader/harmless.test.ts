import { describe, expect, it } from 'vitest'
import { harmless } from '../../grader/terminal/style.ts'

describe('text of a stranger on a terminal', () => {
  it('moves no cursor, turns no line around, and shows what was there and is not seen', () => {
    expect(harmless('a\x1b[2Jb')).toBe('ab')
    expect(harmless('\u202egnp.exe\u0007\u200b')).toBe('?gnp.exe??')
  })

  it('keeps lines, and emoji that are held together by a joiner', () => {
    expect(harmless('👩‍💻/levels\n\tnext')).toBe('👩‍💻/levels\n\tnext')
  })
})
