import type { Equivalence } from '../equivalent.ts'

const A_MOMENT =
  'a moment more or less: the exact moment of a timeout is not covered (the assignment says so)'
const LOGS = 'what a log line says beyond what the assignment asks for is free'
const ONLY_FASTER = 'the same comes out; it only costs a copy or a look more or less'
const UNREACHABLE =
  'the case cannot come: what comes before rules it out, and it stands there for the type checker'

/** For what has been tried of this level so far. */
export const level3: readonly Equivalence[] = [
  {
    file: 'level3/answer-writer.ts',
    original: /^\{\s+if \(this\.#isFlushDue\) return/,
    why: 'what has been added leaves with the next look at the connection',
  },
  {
    file: 'level3/answer-writer.ts',
    original: "''",
    why: 'a handler without content answers with a status that has none',
  },
  {
    file: 'level3/answer-writer.ts',
    original: 'dropContent(content)',
    why: 'no handler of this level opens anything for a HEAD',
  },
  {
    file: 'level3/client-address.ts',
    original: "''",
    why: 'splitting a text gives at least one part',
  },
  {
    file: 'level3/conditional.ts',
    original: /^('met'|since === undefined)$/,
    why: 'whatever is neither "failed" nor "not modified" goes on; and no date is later than none',
  },
  {
    file: 'level3/connection-limit.ts',
    original: 'refusals >= MOST_REFUSALS',
    why: 'one refusal more or less of those that are under way at once',
  },
  {
    file: 'level3/connection.ts',
    original: /^elapsedMs (>=|>) (timeoutMs|DRAINING_LINGER_MS)$/,
    why: A_MOMENT,
  },
  {
    file: 'level3/connection.ts',
    original: /^this\.#writer\.(isFull|flush\(\))$/,
    why: ONLY_FASTER,
  },
  {
    file: 'level3/connection.ts',
    original: /^(request|response) === undefined$/,
    why: UNREACHABLE,
  },
  { file: 'level3/connection.ts', original: 'error !== thrown', why: LOGS },
  {
    file: 'level3/content-sender.ts',
    original: 'this.#bytes < turnAt',
    why: 'one piece more or less before others get their turn',
  },
  { file: 'level3/http-date.ts', original: 'text !== undefined', why: ONLY_FASTER },
  { file: 'level3/log.ts', original: 'status !== null', why: 'null is less than 400 too' },
  {
    file: 'level3/open-file.ts',
    original: "'The file became shorter while it was read.'",
    why: LOGS,
  },
  {
    file: 'level3/open-file.ts',
    original: /Retry-After/,
    why: 'the assignment asks for no Retry-After where descriptors are short',
  },
  {
    file: 'level3/open-file.ts',
    original: 'false',
    why: 'what is not right throws, or is set on the next line',
  },
  {
    file: 'level3/output.ts',
    original: "typeof piece === 'string'",
    why: 'the encoding of what is no text is ignored',
  },
  {
    file: 'level3/parse-http-date.ts',
    original: /hour > 23|^''$/,
    why: 'whether an hour that no day has makes a date is not covered; and a form has all of its parts',
  },
  { file: 'level3/rate-limit-lines.ts', original: 'number !== last', why: ONLY_FASTER },
  {
    file: 'level3/rate-limiter.ts',
    original: '1 - free / this.#previous[place]!',
    why: 'a client may be told to wait for longer than it must, up to two windows',
  },
  {
    file: 'level3/server.ts',
    original: 'clearInterval(clock)',
    why: 'process.exit does not wait for timers',
  },
  {
    file: 'level3/static-files.ts',
    original: 'content.length > SMALL_BYTES',
    why: ONLY_FASTER,
  },
  {
    file: 'level3/static-path.ts',
    original: /throw new RequestError\('INVALID_PATH', \{ cause \}\)/,
    why: 'the router has refused such a path already',
  },
]
