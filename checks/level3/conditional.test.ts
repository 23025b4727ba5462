import { describe, expect, it } from 'vitest'
import {
  evaluatePreconditions,
  rangesApply,
  type Validators,
} from '../../solutions/level3/conditional.ts'
import { parseHttpDate } from '../../solutions/level3/parse-http-date.ts'

const MODIFIED = 'Sun, 06 Nov 1994 08:49:37 GMT'
const BEFORE = 'Sun, 06 Nov 1994 08:49:36 GMT'
const AFTER = 'Sun, 06 Nov 1994 08:49:38 GMT'
const FUTURE = 'Sun, 06 Nov 2094 08:49:37 GMT'
const modifiedMs = Date.parse(MODIFIED) + 500
const file: Validators = { entityTag: '"a,b"', modifiedMs, nowMs: modifiedMs + 60_000 }

const evaluate = (fields: Record<string, string>, method = 'GET') =>
  evaluatePreconditions(method, new Map(Object.entries(fields)), file)

describe('preconditions (RFC 9110 §13.2.2)', () => {
  it.each<[Record<string, string>, string]>([
    [{}, 'met'],
    [{ 'if-match': '"a,b"' }, 'met'],
    [{ 'if-match': '*' }, 'met'],
    [{ 'if-match': '"x", "a,b"' }, 'met'],
    [{ 'if-match': 'W/"a,b"' }, 'failed'],
    [{ 'if-match': '"x"' }, 'failed'],
    [{ 'if-match': 'a,b' }, 'failed'],
    [{ 'if-match': '"a,b"', 'if-unmodified-since': BEFORE }, 'met'],
    [{ 'if-unmodified-since': BEFORE }, 'failed'],
    [{ 'if-unmodified-since': MODIFIED }, 'met'],
    [{ 'if-unmodified-since': 'yesterday' }, 'met'],
    [{ 'if-none-match': '"a,b"' }, 'not modified'],
    [{ 'if-none-match': 'W/"a,b"' }, 'not modified'],
    [{ 'if-none-match': '"x",W/"a,b"' }, 'not modified'],
    [{ 'if-none-match': '*' }, 'not modified'],
    [{ 'if-none-match': '"a"' }, 'met'],
    [{ 'if-none-match': '"x"', 'if-modified-since': AFTER }, 'met'],
    [{ 'if-modified-since': MODIFIED }, 'not modified'],
    [{ 'if-modified-since': AFTER }, 'not modified'],
    [{ 'if-modified-since': BEFORE }, 'met'],
    [{ 'if-modified-since': FUTURE }, 'met'],
    [{ 'if-modified-since': 'Sunday, 06-Nov-94 08:49:37 GMT' }, 'not modified'],
    [{ 'if-modified-since': 'Sun Nov  6 08:49:37 1994' }, 'not modified'],
    [{ 'if-modified-since': `${MODIFIED}, ${MODIFIED}` }, 'met'],
    [{ 'if-match': '"x"', 'if-none-match': '"a,b"' }, 'failed'],
    [{ 'if-match': '"a,b"', 'if-none-match': '"a,b"' }, 'not modified'],
  ])('%j: %s', (fields, wanted) => expect(evaluate(fields)).toBe(wanted))

  it('is 304 for HEAD too, and 412 for methods that change something', () => {
    expect(evaluate({ 'if-none-match': '*' }, 'HEAD')).toBe('not modified')
    expect(evaluate({ 'if-none-match': '*' }, 'PUT')).toBe('failed')
    expect(evaluate({ 'if-modified-since': AFTER }, 'PUT')).toBe('met')
  })
})

describe('If-Range (RFC 9110 §13.1.5)', () => {
  const applies = (value: string, validators = file) =>
    rangesApply(new Map([['if-range', value]]), validators)

  it('lets the ranges be of exactly this state of the file', () => {
    expect(rangesApply(new Map(), file)).toBe(true)
    expect(applies('"a,b"')).toBe(true)
    expect(applies('"x"')).toBe(false)
    expect(applies('W/"a,b"')).toBe(false)
    expect(applies(MODIFIED)).toBe(true)
    expect(applies(AFTER)).toBe(false)
    expect(applies('nonsense')).toBe(false)
    expect(applies(MODIFIED, { ...file, nowMs: modifiedMs + 900 })).toBe(false)
  })
})

describe('dates (RFC 9110 §5.6.7)', () => {
  it.each([
    'Sun, 6 Nov 1994 08:49:37 GMT',
    'Sun, 31 Feb 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 24:49:37 GMT',
    MODIFIED.toLowerCase(),
    `${MODIFIED} `,
    '784111777',
    '',
  ])('"%s" is none', (text) => expect(parseHttpDate(text)).toBeUndefined())

  it('takes two digits of a year for the nearer century', () => {
    expect(parseHttpDate('Sunday, 06-Nov-94 08:49:37 GMT')).toBe(784_111_777)
    const soon = new Date().getUTCFullYear() + 3
    expect(parseHttpDate(`Sunday, 01-Jan-${String(soon).slice(2)} 00:00:00 GMT`)).toBe(
      Date.UTC(soon) / 1000,
    )
  })
})
