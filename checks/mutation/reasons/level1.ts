import type { Equivalence } from '../equivalent.ts'

const FREE_WORDS = 'reason phrases are free (task 1.2)'
const LOGS = 'log lines of level 1 are free'
const NAMES = 'the name of an error class is for whoever reads a stack'
const ONLY_FASTER = 'the same bytes come out; it only costs a copy more or less'
const OWN_FAULTS = 'it only happens where our own code has a fault, and then in addition'
const UNREACHABLE =
  'the case cannot come: what comes before rules it out, and it stands there for the type checker'

export const level1: readonly Equivalence[] = [
  { file: 'level1/errors.ts', original: "'RequestError'", why: NAMES },
  {
    file: 'level1/header-section.ts',
    original: /^(start < end|end > start)$/,
    why: 'beyond its ends a text has no white space: the loops stop by themselves',
  },
  { file: 'level1/header-section.ts', original: 'length === undefined', why: UNREACHABLE },
  { file: 'level1/input.ts', original: 'this.#reads.return?.()', why: UNREACHABLE },
  { file: 'level1/read-buffer.ts', why: ONLY_FASTER },
  {
    file: 'level1/request-line.ts',
    original: /method === undefined|target === undefined|version === undefined/,
    why: 'what is not there is refused with the same 400 by the look at the token, the target or the version that follows',
  },
  {
    file: 'level1/request-line.ts',
    original: '/^[!-~]+$/',
    why: 'characters in a target that no form allows are not covered (the assignment says so)',
  },
  {
    file: 'level1/request-line.ts',
    original: /\?<authority>/,
    why: 'which scheme an absolute-form has is left open, and `.*` takes all that is left by itself',
  },
  {
    file: 'level1/request-line.ts',
    original: /^(\{ path: (target|'\*'), query: '' \}|'\*')$/,
    why: 'CONNECT is refused whatever its target, and `OPTIONS *` names no route in this level',
  },
  {
    file: 'level1/request-line.ts',
    original: "''",
    why: 'a query without a `name`, as none, greets the stranger; a path is never taken from there',
  },
  { file: 'level1/request-line.ts', original: "'authority'", why: UNREACHABLE },
  { file: 'level1/request-line.ts', original: '[]', why: UNREACHABLE },
  {
    file: 'level1/request-line.ts',
    original: "'HTTP/1.1'",
    why: 'a version is only compared with HTTP/1.0',
  },
  { file: 'level1/response.ts', original: /^('[A-Z][A-Za-z ]+'|\{\s+200: )/, why: FREE_WORDS },
  { file: 'level1/response.ts', original: /reasonPhrases\[status\]|^''$/, why: FREE_WORDS },
  {
    file: 'level1/routes.ts',
    original: '{\n    return path\n  }',
    why: 'a bad escape in a path is 400 or 404 until level 2',
  },
  {
    file: 'level1/server.ts',
    original: '() => socket.destroy()',
    why: 'a socket that has an error destroys itself: all that matters is that somebody listens',
  },
  { file: 'level1/server.ts', original: /socket\.destroyed|console\.error/, why: LOGS },
  {
    file: 'level1/syntax.ts',
    original: "text.indexOf('\\r') !== text.length - 2",
    why: 'a CR inside a line is refused again by what each of its parts may hold',
  },
  { file: 'level1/syntax.ts', mutator: 'Regex', why: 'percent-escapes in Host are not covered' },
  {
    file: 'level1/tear-down.ts',
    why: 'a bound on the patience with a client that was refused is right, and none is asked for (task 1.5)',
  },
  { file: 'level1/server.ts', original: /^('-'|settings\.LOG)$/, why: LOGS },
  {
    file: 'level1/server.ts',
    original: /^(socket\.destroy\(\)|!\(error instanceof RequestError\))$/,
    why: OWN_FAULTS,
  },
]
