import type { Equivalence } from '../equivalent.ts'

const LOGS = 'log lines of level 2 are free'
const OTHER_CONTENT =
  'only a handler that gives something else than it says can tell, and the routes of the assignment do not: `checks/level3/failing-content.test.ts` asks the reference'
const ONLY_FASTER = 'the same comes out; it only costs a copy or a look more or less'

const UNREACHABLE =
  'the case cannot come: what comes before rules it out, and it stands there for the type checker'
const OTHER_TEXT = 'the text only has to be another one than those it is compared with'
const SAME_REFUSAL = 'what it lets pass is refused by the next look, with the same fault'

export const level2: readonly Equivalence[] = [
  { file: 'level2/byte-buffer.ts', original: 'room.length < length', why: ONLY_FASTER },
  { file: 'level2/byte-buffer.ts', mutator: 'OptionalChaining', why: UNREACHABLE },

  {
    file: 'level2/bytes.ts',
    original: 'byte < 0x7f',
    why: 'bytes above `~` in a target are not covered (level 1 says so)',
  },
  {
    file: 'level2/bytes.ts',
    original: 'byte !== 0x7f',
    why: 'a recipient may keep control characters other than CR, LF and NUL in a value (RFC 9110 §5.5)',
  },

  { file: 'level2/chunked.ts', original: "'trailer section'", why: OTHER_TEXT },
  {
    file: 'level2/chunked.ts',
    replacement: '/^0*([0-9A-Fa-f]{1,16})(?:[\\t ]*;[\\t -~\\x80-\\xff]*)?\\r\\n/',
    why: 'a line is handed over with its end as its end',
  },
  { file: 'level2/chunked.ts', original: '[]', why: 'a list of one has no second member either' },

  {
    file: 'level2/connection.ts',
    original: /^(false|this\.#beginning\.length === HEAD\.length)$/,
    replacement: 'true',
    why: 'set by the first bytes, before anything is refused',
  },
  {
    file: 'level2/connection.ts',
    original: 'this.#beginning.length === HEAD.length',
    why: ONLY_FASTER,
  },
  {
    file: 'level2/connection.ts',
    original: '/^[\\r\\n]+/',
    why: 'a request line with a line end among its first five characters is no HEAD for anybody',
  },
  {
    file: 'level2/connection.ts',
    original: /return this\.#socket\.remoteAddress/,
    why: 'no handler of this level asks for it',
  },
  {
    file: 'level2/connection.ts',
    original: /^this\.#(socket\.destroyed|gone\.abort\(\))$/,
    why: 'a handler is called with the read that completes its request: the socket is still there',
  },
  {
    file: 'level2/connection.ts',
    original: /^(!route\.readsContent|this\.#parser\.dropContent\(\))$/,
    why: 'nobody sees whether content that is not used was kept',
  },
  { file: 'level2/connection.ts', original: "'latin1'", why: 'all of it is ASCII' },
  {
    file: 'level2/connection.ts',
    original: /^('answering'|'closing')$/,
    why: OTHER_TEXT,
  },
  {
    file: 'level2/connection.ts',
    original: /^(this\.#found === undefined|'INTERNAL_ERROR')$/,
    why: UNREACHABLE,
  },
  {
    file: 'level2/connection.ts',
    original:
      /socket\.destroyed|^`|cause: error|AnswerAborted|An answer could not|settings\.LOG|error\.stack|^\{ if \(!this\.#settings\.LOG|^\{\s+if \(!this\.#settings/,
    why: LOGS,
  },
  {
    file: 'level2/connection.ts',
    original: /error instanceof TypeError|bytesWritten|^isUnsaid$/,
    why: OTHER_CONTENT,
  },
  {
    file: 'level2/connection.ts',
    original: 'clearTimeout(this.#timer)',
    why: 'whoever waits next sets the one timer anew; after the end it finds nothing to end',
  },
  {
    file: 'level2/connection.ts',
    original: 'this.#socket.destroy()',
    why: 'writeResponse has destroyed the socket of an answer that it could not finish',
  },
  {
    file: 'level2/connection.ts',
    original: /left|LINGER|lingerUntil|droppedBytes/,
    why: 'a moment more or less of the patience with a client that has its answer',
  },

  { file: 'level2/content.ts', why: OTHER_CONTENT },
  { file: 'level2/thrown.ts', why: LOGS },

  {
    file: 'level2/cpu-pool.ts',
    original: /^('abort'|!this\.#waiting\.has\(job\))$/,
    why: 'a job that has begun may run to its end, or be given up with its client: nobody waits for it',
  },
  {
    file: 'level2/cpu-pool.ts',
    original: /^(worker !== undefined|this\.#park\(worker\))$/,
    why: 'what is posted is a number, which always can be',
  },
  {
    file: 'level2/cpu-pool.ts',
    original: 'job === undefined',
    why: 'a worker answers once for each message',
  },

  {
    file: 'level2/field-lines.ts',
    original: 'valueEnd > valueStart',
    why: 'before the value stands white space or a colon: a text whose end lies before its beginning is empty',
  },
  {
    file: 'level2/head-reader.ts',
    original: 'length > maxBytes',
    why: 'a line of exactly the limit that ends with LF alone has two faults at once',
  },
  {
    file: 'level2/head-reader.ts',
    original: 'this.#before(bytes, at, index) === CR',
    why: SAME_REFUSAL,
  },

  {
    file: 'level2/load-connection.ts',
    original: "'early-close'",
    why: 'FIN or an error comes before `close`, and has ended the request',
  },
  {
    file: 'level2/load-connection.ts',
    original: 'socket !== this.#socket',
    why: 'a socket that was destroyed reads nothing more',
  },
  {
    file: 'level2/load-connection.ts',
    original: 'this.#startMs === undefined',
    why: 'what a server sends that nobody asked for is not on the page',
  },
  {
    file: 'level2/load-connection.ts',
    original: /timeoutMs|leftMs <= 0|clearTimeout/,
    why: 'the timer and the answer come in the same turn, or the timer looks once more than it must',
  },
  {
    file: 'level2/load-tester.ts',
    original: "'connect'",
    why: 'how long it waits before it tries again where nothing listens is its own affair',
  },
  {
    file: 'level2/load-tester.ts',
    original: 'this.#successes === 0',
    why: 'a percentile of nothing is 0',
  },
  {
    file: 'level2/load-tester.ts',
    original: "'GET'",
    replacement: '""',
    why: 'of the two defaults, this one is only compared with HEAD; of the other a test tells',
  },
  {
    file: 'level2/load-tester.ts',
    original: /^(\/\^\\\[\|\\\]\$\/g|'')$/,
    why: 'an IPv6 address in `url` is not covered: not every machine has one',
  },
  {
    file: 'level2/load-tester.ts',
    original: 'status >= 200',
    why: 'a 1xx is no final answer, and there is no status below 100',
  },
  {
    file: 'level2/load-tester.ts',
    original: "'latin1'",
    why: 'field values beyond ASCII are not on the page',
  },

  {
    file: 'level2/host.ts',
    mutator: 'Regex',
    original: /%\[0-9A-Fa-f\]\{2\}/,
    why: 'percent-escapes in Host are not covered (level 1 says so)',
  },
  {
    file: 'level2/host.ts',
    original: 'isIPv6(literal)',
    why: 'the address in brackets is looked at by nobody else',
  },

  {
    file: 'level2/request-line.ts',
    original: /^('GET'|end - start( !== those\.length)?|HTTP_1_1|true|\{\s+if \(end - start.*)$/s,
    why: ONLY_FASTER,
  },
  {
    file: 'level2/request-line.ts',
    original: 'end < bytes.length',
    why: 'beyond the end there is no byte of any class',
  },
  {
    file: 'level2/request-line.ts',
    mutator: 'Regex',
    why: 'what it looks at is eight characters long, whether it says so or not',
  },
  {
    file: 'level2/request-line.ts',
    original: '[]',
    why: 'a list of one has no second member either',
  },
  {
    file: 'level2/request-line.ts',
    original: /^(targetEnd === methodEnd \+ 1|methodEnd \+ 1|lineEnd \+ 2 !== end)$/,
    why: SAME_REFUSAL,
  },

  {
    file: 'level2/request-parser.ts',
    original:
      /^(this\.#bytes === undefined( \|\| !this\.#borrows)?|!this\.#borrows|\[this\.#bytes\.subarray.*|\{\s+if \(this\.#bytes === undefined \|\| .*|\{\s+return this\.#(requestLine|bytes !== undefined)\s+\}|true)$/s,
    why: 'level 3 alone asks the parser for it',
  },
  { file: 'level2/request-parser.ts', original: 'false', why: 'set anew before it is looked at' },
  { file: 'level2/request-parser.ts', original: 'bytes.length === 0', why: ONLY_FASTER },
  {
    file: 'level2/request-parser.ts',
    original: '!(error instanceof RequestError)',
    why: 'what a hook throws otherwise is not on the page',
  },
  {
    file: 'level2/request-parser.ts',
    original: /this\.#left === 0 && this\.#content\.length === 0/,
    why: ONLY_FASTER,
  },
  {
    file: 'level2/request-parser.ts',
    original:
      /^(known !== undefined|known\?\.version === line\.version|isWhole|this\.#last(Line|Section)\.remember\(.*|\{\s+this\.#requestLine = known.*|\{\s+this\.#beginContent\(requestOf\(line, known\).*)$/s,
    why: ONLY_FASTER,
  },
  {
    file: 'level2/request-parser.ts',
    original: /end - start === CRLF_BYTES|source\[start\] === CR/,
    why: 'a line ends with CRLF, and holds no CR before it: these are two names for one line',
  },
  {
    file: 'level2/request-parser.ts',
    original: /^this\.#(bytes !== undefined|rest\.length > 0)$/,
    why: 'bytes are kept unread between requests only, and what is shifted from an empty list is undefined',
  },
  { file: 'level2/last-part.ts', why: ONLY_FASTER },

  {
    file: 'level2/request-target.ts',
    original: /knownMethods|path: target/,
    why: 'the target of a method that is not served is not covered',
  },
  {
    file: 'level2/request-target.ts',
    original: /authority|hasHost/,
    why: 'which authority of an absolute-form is none is the choice of whoever writes the server (level 1)',
  },
  { file: 'level2/request-target.ts', original: 'rest === undefined', why: UNREACHABLE },
  {
    file: 'level2/request-target.ts',
    original: "''",
    replacement: '"Stryker was here!"',
    why: 'nobody asks for the query of an OPTIONS *',
  },
  {
    file: 'level2/head-reader.ts',
    original: /this\.#kept\.(length === 1|last\(\) === byte)/,
    why: 'the state of a parser after a lone CR is not covered (the assignment says so)',
  },

  {
    file: 'level2/response-reader.ts',
    original: /^('InvalidAnswer'|this\.#head\?\.persists)$/,
    why: UNREACHABLE,
  },
  {
    file: 'level2/response-reader.ts',
    original: /^(''|this\.#head === undefined)$/,
    why: ONLY_FASTER,
  },
  {
    file: 'level2/response-reader.ts',
    original: /^('complete'|this\.#place === 'complete')$/,
    why: 'what a server sends that nobody asked for is not on the page',
  },
  {
    file: 'level2/response-reader.ts',
    original: /^'[A-Z].*\.'$/,
    why: 'a failure is counted by its kind, and its words are for whoever debugs',
  },
  {
    file: 'level2/response-reader.ts',
    original: /^bytes\.length > MAX_HEAD_BYTES$/,
    why: 'the page sets no limit to a head: without one, a request ends with `timeoutMs`',
  },
  {
    file: 'level2/response-reader.ts',
    original: '/^HTTP\\/1\\.([0-9]) ([1-9][0-9]{2})(?: |$)/',
    replacement: '/^HTTP\\/1\\.([0-9]) ([1-9][0-9]{2})(?: )/',
    why: 'a server that leaves out the space behind the code breaks RFC 9112 §4: a client may take it, or not',
  },
  {
    file: 'level2/response-reader.ts',
    original: /^(\[\]|'trailer')$/,
    why: OTHER_TEXT,
  },
  {
    file: 'level2/response-reader.ts',
    original: 'colon < 1',
    replacement: 'false',
    why: 'whether a client overlooks a line that is no field line is its own choice',
  },
  {
    file: 'level2/response-reader.ts',
    original: /^(status < 200|'none')$/,
    why: 'the answer ends with its head either way: an interim one is passed over, and a length of 0 stands for none',
  },
  {
    file: 'level2/response-reader.ts',
    original: /chunked\$|^'until-close'$/,
    why: 'another coding than chunked is sent to a client alone that asks for it with TE (RFC 9112 §7.4)',
  },

  {
    file: 'level2/response-writer.ts',
    original: /^('The client was gone|'This is no field|'The content is|throw new AnswerAborted)/,
    why: LOGS,
  },
  {
    file: 'level2/response-writer.ts',
    original: /^(socket\.destroyed|!socket\.writable)$/,
    why: 'the next write, or the length of the content, finds out the same',
  },
  {
    file: 'level2/response-writer.ts',
    original: /^('latin1'|'utf8')$/,
    replacement: '""',
    why: 'the heads of this level are ASCII, and UTF-8 is what Node takes if nothing is said',
  },
  {
    file: 'level2/response-writer.ts',
    original:
      /^(content instanceof Uint8Array && content\.length <= PIECE_BYTES|content\.length <= PIECE_BYTES|\{\s+return await send\(socket, Buffer\.concat.*|-1|second !== dateSecond|start < content\.length)$/s,
    why: ONLY_FASTER,
  },
  {
    file: 'level2/response-writer.ts',
    original: "'\\r\\n'",
    why: 'every answer of this level is the last on its connection',
  },
  {
    file: 'level2/response-writer.ts',
    original: /^status !== 204 && status !== 304$|^status !== 304$/,
    why: 'no route of this level answers 304',
  },
  {
    file: 'level2/response-writer.ts',
    original: /\[\\t -~/,
    why: 'no route of this level writes into a field what somebody else has chosen',
  },
  {
    file: 'level2/response-writer.ts',
    original: /^(checkContent\(content\)|checkPiece\(piece\))$/,
    why: OTHER_CONTENT,
  },
  {
    file: 'level2/response-writer.ts',
    original: /^('close'|\{\s+socket\.off\('close', stop\)\s+\})$/,
    why: 'a socket of this level closes behind its one answer, and the content has ended by then',
  },
  {
    file: 'level2/response-writer.ts',
    original: 'length !== undefined',
    replacement: 'true',
    why: 'nothing is more or less than undefined',
  },
  {
    file: 'level2/response-writer.ts',
    original: /^(sent < turnAt|sent \+ TURN_BYTES)$/,
    why: 'a client on the same machine falls behind now and then, and each wait for it is a turn, too',
  },
  {
    file: 'level2/router.ts',
    original: /^(`The pattern|\{ cause \})/,
    why: 'the words are for whoever writes the routes, and the cause for the log',
  },
  { file: 'level2/router.ts', original: "'%'", why: ONLY_FASTER },
  { file: 'level2/router.ts', original: "''", why: UNREACHABLE },
]
