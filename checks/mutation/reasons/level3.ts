import type { Equivalence } from '../equivalent.ts'

const A_MOMENT =
  'a moment more or less: the exact moment of a timeout is not covered (the assignment says so)'
const LOGS = 'what a log line says beyond what the assignment asks for is free'
const ONLY_FASTER = 'the same comes out; it only costs a copy or a look more or less'
const UNREACHABLE =
  'the case cannot come: what comes before rules it out, and it stands there for the type checker'

const OF_THE_REFERENCE_ALONE =
  'no page asks what becomes of an answer that no handler of this course gives: it is asked of the reference alone (checks/level3/failing-content.test.ts)'
const TIMER_AGAIN =
  'the timer is set anew, or before anything waits: when it fires, it is taken back'
const EITHER_ENDS_IT =
  'either is enough for a client that has gone: its iterator is ended, or the wait for room'
const FIN_SAYS_IT_TWICE =
  'a connection that has sent FIN is closing, and its socket takes nothing: each of the two is looked at'
const AS_LONG_AS_IT_SAYS =
  'no content of this level is longer or shorter than it says: that a file has shrunk is noticed by who reads it'

/** For what has been tried of this level so far. */
export const level3: readonly Equivalence[] = [
  {
    file: 'level3/admission.ts',
    original: /^'(OPTIONS|\*)'$/,
    why: 'nobody reads the method and the pattern of a route that has been found',
  },
  {
    file: 'level3/admission.ts',
    original: 'remoteAddress === undefined',
    why: 'the client has left: nobody sees as whom it is counted',
  },
  {
    file: 'level3/answer-writer.ts',
    original: /^\{\s+return !this\.#socket\.writable\s+\}$/,
    why: EITHER_ENDS_IT,
  },
  {
    file: 'level3/answer-writer.ts',
    original: /^(this\.#current !== undefined|sender\.abandon\(\)|this\.drained\(\))$/,
    why: EITHER_ENDS_IT,
  },
  {
    file: 'level3/answer-writer.ts',
    original: /^\{\s+const \{ exchange, sender \} = this\.#current/,
    why: EITHER_ENDS_IT,
  },
  {
    file: 'level3/answer-writer.ts',
    original: 'this.#output.isFull || this.#socket.writableNeedDrain',
    why: 'after 1 MiB everybody gets a turn, and what waits is written: that bounds it too',
  },
  {
    file: 'level3/answer-writer.ts',
    original: /^request\?\.(version|headers)$/,
    why: 'what is refused without a request closes, and its content has a length',
  },
  {
    file: 'level3/answer-writer.ts',
    original: "request?.version === 'HTTP/1.0'",
    replacement: 'true',
    why: 'Connection: keep-alive may be said to HTTP/1.1 too',
  },
  {
    file: 'level3/answer-writer.ts',
    original: 'isStream(content)',
    replacement: 'false',
    why: 'no handler of this level opens anything for a HEAD',
  },
  { file: 'level3/answer-writer.ts', original: 'content.length === length', why: ONLY_FASTER },
  {
    file: 'level3/answer-writer.ts',
    original: /^this\.#(isTimed|timeoutMs === 0|socket\.writableLength === 0)/,
    mutator: 'ConditionalExpression',
    why: TIMER_AGAIN,
  },
  {
    file: 'level3/answer-writer.ts',
    original: /^this\.#isTimed \|\| this\.#timeoutMs === 0/,
    mutator: 'LogicalOperator',
    why: TIMER_AGAIN,
  },
  { file: 'level3/answer-writer.ts', original: 'true', why: TIMER_AGAIN },
  { file: 'level3/answer-writer.ts', original: 'this.#socket.setTimeout(0)', why: TIMER_AGAIN },
  {
    file: 'level3/answer-writer.ts',
    original: /^(request\.method === 'HEAD'|'HEAD'|content\.length === undefined)$/,
    why: 'a server may close after any answer to HTTP/1.0, if it says so',
  },
  {
    file: 'level3/answer-writer.ts',
    original: /^('length'|'until close'|length !== undefined)$/,
    why: 'of how the end of content is told, only "chunked" makes a difference here',
  },
  {
    file: 'level3/client-address.ts',
    original: "':'",
    why: 'an IPv4 address gets another name, which is still its own',
  },
  {
    file: 'level3/conditional.ts',
    original: /^(method === 'GET' \|\| method === 'HEAD'|'failed')$/,
    why: 'files are served to GET and HEAD only',
  },
  {
    file: 'level3/conditional.ts',
    original: /^(ageMs > 1000|validators\.nowMs - validators\.modifiedMs)$/,
    why: 'the file would have to be younger than a second when it is asked for: a test would race with the clock',
  },
  {
    file: 'level3/connection-limit.ts',
    original: /^(refusals(\+\+|--)|'close'|\(\) => refusals--)$/,
    why: 'refusals under way are counted for floods only, larger than a test can make',
  },
  {
    file: 'level3/connection-limit.ts',
    original: /^(typeof content === 'string'|'')$/,
    why: 'what refuses a connection has a text',
  },
  { file: 'level3/connection-limit.ts', original: "'latin1'", why: 'the answer is ASCII' },
  {
    file: 'level3/connection.ts',
    original:
      /^(this\.#phase === 'FIN'|'FIN'|(response === undefined|this\.#phase === 'FIN') \|\| this\.#(phase === 'FIN'|socket\.destroyed))$/,
    why: FIN_SAYS_IT_TWICE,
  },
  {
    file: 'level3/connection.ts',
    original: /^(\{\s+)?this\.#socket\.destroy\(\)(\s+\})?$/,
    why: 'the process ends right behind it',
  },
  {
    file: 'level3/connection.ts',
    original:
      /^(!this\.#socket\.writableFinished|this\.#isDraining && elapsedMs > DRAINING_LINGER_MS)$/,
    why: 'who lingers is given up after 2 s in any case (level1/tear-down.ts)',
  },
  {
    file: 'level3/connection.ts',
    original: 'isListening !== this.#socket.isPaused()',
    why: ONLY_FASTER,
  },
  {
    file: 'level3/connection.ts',
    original: 'this.#pipeline.isFirst(exchange)',
    why: 'the 100 leaves with the next look at the connection',
  },
  {
    file: 'level3/connection.ts',
    original: /^(thrown === undefined|thrown\.stack \?\? thrown\.message)$/,
    why: LOGS,
  },
  {
    file: 'level3/connection.ts',
    original: /^(exchange\.route\?\.readsContent !== true|this\.#parser\.dropContent\(\))$/,
    why: 'content up to its limit may be kept as well: nobody reads it',
  },
  {
    file: 'level3/connection.ts',
    original: 'exchange === undefined',
    why: UNREACHABLE,
  },
  {
    file: 'level3/connection.ts',
    original: /^(this\.#isClosing|this\.#current === undefined)$/,
    mutator: 'ConditionalExpression',
    why: 'who closes reads nothing that could be refused, and what stands in the queue twice is sent once: the first answer closes',
  },
  {
    file: 'level3/connection.ts',
    original:
      /^(this\.#pipeline\.clear\(\)\.filter\(.*|\(turn\) => turn !== exchange|turn !== exchange)$/,
    why: 'behind an answer that closes no handler of this level has been called, and one request is logged once',
  },
  {
    file: 'level3/connection.ts',
    original:
      /^(!this\.#socket\.writable|exchange\.response\?\.status( \?\? null)?|\{ aborted: true \})$/,
    why: LOGS,
  },
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
  {
    file: 'level3/client-address.ts',
    original: '8 - head.length',
    why: 'of an address that is not mapped only the first half counts, and more zeros than needed do not move it',
  },
  {
    file: 'level3/conditional.ts',
    original: '!isRead || since === undefined',
    why: 'files are served to GET and HEAD only; and no date is later than none',
  },
  {
    file: 'level3/conditional.ts',
    original: 'since * 1000 > validators.nowMs',
    mutator: 'EqualityOperator',
    why: A_MOMENT,
  },
  {
    file: 'level3/conditional.ts',
    original: 'value === undefined',
    why: 'no date is found in what is not there either',
  },
  { file: 'level3/content-sender.ts', original: /sink\.isGone$/, why: EITHER_ENDS_IT },
  {
    file: 'level3/content-sender.ts',
    original: 'this.#bytes + TURN_BYTES',
    why: 'the others get their turn after each piece: that is only slower',
  },
  {
    file: 'level3/content-sender.ts',
    original: /^(\{\s+void freeContent\()?\(\) => this\.#iterator/,
    why: EITHER_ENDS_IT,
  },
  {
    file: 'level3/content-sender.ts',
    original: /\.return\?\.\(\)$/,
    why: 'every content of this level can be ended',
  },
  {
    file: 'level3/content-sender.ts',
    original: 'piece.length === 0',
    why: 'no content of this level has an empty piece',
  },
  {
    file: 'level3/content-sender.ts',
    original: /this\.#content\.length \?\? |'The content is (longer|shorter) than it said\.'/,
    why: AS_LONG_AS_IT_SAYS,
  },
  {
    file: 'level3/engine.ts',
    why: 'what V8 does with its memory shows in figures (NOTES.md), and in no answer',
  },
  {
    file: 'level3/entity-tag.ts',
    original: '[]',
    why: 'whatever stands in the list is no tag of a file',
  },
  {
    file: 'level3/entity-tag.ts',
    original: "one.startsWith('W/')",
    why: 'our tags are strong: what is the same as one of them is strong too',
  },
  { file: 'level3/errors.ts', original: '{ cause: thrown }', why: LOGS },
  {
    file: 'level3/exchange.ts',
    original: /^'(HEAD|OPTIONS|TRACE)'$/,
    why: 'requests of safe methods may be handled side by side, and need not be (RFC 9112 §9.3.2)',
  },
  {
    file: 'level3/exchange.ts',
    original: 'false',
    replacement: 'true',
    why: 'it is set for each request before anybody asks',
  },
  { file: 'level3/file-content.ts', original: 'pieces.length === 1', why: ONLY_FASTER },
  {
    file: 'level3/file-content.ts',
    original: 'true',
    why: EITHER_ENDS_IT,
  },
  {
    file: 'level3/file-content.ts',
    original: /^\{\s+await this\.return\(\)\s+throw error/,
    why: 'content that ends too early is noticed by its sender too, and the file is closed at its end',
  },
  {
    file: 'level3/file-content.ts',
    original: 'this.#ahead.catch(() => {})',
    why: 'a race: the read has to fail in the moment in which the kernel takes nothing more; the next one is awaited',
  },
  {
    file: 'level3/file-content.ts',
    original: 'length < PIECE_BYTES',
    why: 'a buffer of its own for each piece, or for none but the last: only memory that comes free again',
  },
  {
    file: 'level3/file-content.ts',
    original: 'at + PIECE_BYTES - 1',
    why: 'no more is read of a piece than its buffer holds',
  },
  {
    file: 'level3/file-content.ts',
    original: 'position + filled',
    why: 'a local file gives all that is asked for in one read',
  },
  {
    file: 'level3/file-content.ts',
    original: "'The file became shorter while it was sent.'",
    why: LOGS,
  },
  {
    file: 'level3/answer-writer.ts',
    original: /^(!this\.#socket\.writableNeedDrain|this\.#isFlushDue)$/,
    why: ONLY_FASTER,
  },
  {
    file: 'level3/answer-writer.ts',
    original: 'false',
    why: 'it is set before anybody asks',
  },
  {
    file: 'level3/answer-writer.ts',
    original: 'Math.min(FIRST_LOOK_MS, this.#timeoutMs)',
    why: A_MOMENT,
  },
  {
    file: 'level3/answer-writer.ts',
    original:
      /^(socket\.writableLength === 0|socket\.setTimeout\(0\)|\{\s+this\.#isTimed = false\s+socket\.setTimeout\(0\)\s+\})$/,
    why: TIMER_AGAIN,
  },
  {
    file: 'level3/answer-writer.ts',
    original: 'checkContent(content)',
    why: OF_THE_REFERENCE_ALONE,
  },
  {
    file: 'level3/connection-limit.ts',
    original: /^(refusals < MOST_REFUSALS|isSeenOff|head \+ text|\(\) => socket\.destroy\(\))$/,
    why: 'who is refused in a flood, one larger than a test can make, is not seen off',
  },
  {
    file: 'level3/connection.ts',
    original: 'this.#gone.abort()',
    why: 'no handler is called, and none asks for the signal, behind the end of its connection',
  },
  {
    file: 'level3/connection.ts',
    original: /^(case 'us':\s+return|'us'|'running')$/,
    why: 'nobody asks whether it is this one: it is enough that it is none of the others',
  },
  {
    file: 'level3/connection.ts',
    original: /^(request === undefined \|\| !this\.#parser\.hasUnread|answer instanceof Promise)$/,
    why: ONLY_FASTER,
  },
  {
    file: 'level3/connection.ts',
    original: 'contentLength === 0',
    why: 'before content of no bytes a server may say 100, and need not (RFC 9110 §10.1.1)',
  },
  {
    file: 'level3/connection.ts',
    original: /^(request === undefined (\|\||&&) )?route === undefined$/,
    why: UNREACHABLE,
  },
  {
    file: 'level3/connection.ts',
    original: 'this.#requests === this.#phaseRequests',
    why: 'two header sections follow each other without another phase only where an answer before them takes longer than both',
  },
  {
    file: 'level3/connection.ts',
    original: /^2 \* this\.#requests( \+ 1)?$/,
    mutator: 'ArithmeticOperator',
    why: 'a number for each: which, says nothing',
  },
  {
    file: 'level3/file-content.ts',
    original: 'buffer.length - offset',
    why: 'a local file gives all that is asked for in one read',
  },
  {
    file: 'level3/open-file.ts',
    original: /^(length - filled|position \+ filled)$/,
    why: 'a local file gives all that is asked for in one read',
  },
  {
    file: 'level3/open-file.ts',
    original:
      /^(attempt < MAX_ATTEMPTS|leadsTo\(path, file\) && leadsTo\(path, file\)|there(\?\.ino|\.dev) !== .*|count === 0)$/,
    why: 'a race with somebody who swaps folders at the very moment: one look more or less',
  },
  {
    file: 'level3/open-file.ts',
    original: /^\{\s+return existsSync\(folder\)/,
    why: 'where the system cannot be asked, the path is looked at: either finds the same',
  },
  {
    file: 'level3/open-file.ts',
    original: /^'(EACCES|ENODEV|EINVAL|ENFILE|ERR_ACCESS_DENIED)'$/,
    why: 'what a test cannot make: it runs as whoever started it, in a sandbox or without, and cannot use up the descriptors of the machine',
  },
  { file: 'level3/open-file.ts', original: '{ cause: error }', why: LOGS },
  {
    file: 'level3/open-file.ts',
    original: "'1'",
    why: 'the assignment asks for no Retry-After where descriptors are short',
  },
  {
    file: 'level3/output.ts',
    original:
      /FULL_BYTES$|^bytes\.length <= SMALL_BYTES$|^\{\s+this\.#text \+= |^''$|^this\.#socket\.cork\(\)$/,
    why: ONLY_FASTER,
  },
  {
    file: 'level3/output.ts',
    original: 'this.#closeText()',
    why: 'what stays behind leaves with the next look at the connection, which follows each write',
  },
  {
    file: 'level3/parse-http-date.ts',
    original: 'second > 60',
    why: 'whether a second that no minute has makes a date is not covered: the grammar has it (RFC 9110 §5.6.7)',
  },
  {
    file: 'level3/pipeline.ts',
    original: 'this.#others.length > 0',
    why: ONLY_FASTER,
  },
  {
    file: 'level3/ranges.ts',
    original: "''",
    why: UNREACHABLE,
  },
  {
    file: 'level3/ranges.ts',
    original: /^(at === -1|-1|\[text\])$/,
    why: 'what has no "=" in it is no range, wherever it is cut',
  },
  {
    file: 'level3/rate-limiter.ts',
    original: "''",
    why: 'no client has such an address',
  },
  {
    file: 'level3/health.ts',
    original: 'performance.now() - startedAt',
    why: 'the clock begins with the process: it is some hundredths of a second, and no test holds them to account',
  },
  {
    file: 'level3/lines.ts',
    original: /^(\{\s+)?numberOfLines\(params\)(\s+\})?$/,
    why: 'the handler refuses it too; only a GET with content would be refused later',
  },
  { file: 'level3/log.ts', original: 'this.#write !== undefined', why: ONLY_FASTER },
  {
    file: 'level3/log.ts',
    original:
      /^(\+\+this\.#requests|status !== null && status >= 400|status >= 400|Math\.random\(\)\.toString\(36\).*)$/,
    why: LOGS,
  },
  {
    file: 'level3/connection.ts',
    original: 'this.#pipeline.length + begun + untaken',
    why: 'behind an answer that nobody takes, half a request may have been read or not: either number is right',
  },
  {
    file: 'level3/connection.ts',
    original: 'true',
    line: 'this.#log(exchange, status, false)',
    why: LOGS,
  },
  {
    file: 'level3/connection.ts',
    original: 'this.#current !== exchange',
    why: 'content behind a refusal that closes is dropped, by the parser or by the end of the connection; and what stands behind an answer that ends with its connection may be looked at, as long as it is not answered',
  },
  {
    file: 'level3/connection.ts',
    original: 'true',
    line: 'if (this.#current !== exchange) this.#isClosing = false',
    why: 'what stands behind an answer that ends with its connection may be looked at, as long as it is not answered',
  },
  {
    file: 'level3/connection.ts',
    original:
      /^(dropAnswer\(exchange\)|(\{\s+)?this\.#fail\(exchange, thrown\)(\s+return this\.#send\(exchange\)\s+\})?)$/,
    why: OF_THE_REFERENCE_ALONE,
  },
  {
    file: 'level3/connection.ts',
    original: /^exchange\.isLast \|\| this\.#socket\.destroyed$/,
    why: 'nothing is in flight behind an answer that closes, and a socket that has closed clears the queue itself',
  },
  {
    file: 'level3/connection.ts',
    original: 'this.#isClosing && this.#socket.writableLength === 0',
    why: 'whoever reads no more of a connection that closes notices a reset when it writes: a server may stop reading where nothing is to be read',
  },
  {
    file: 'level3/connection.ts',
    original: "phase === 'content'",
    replacement: 'true',
    why: 'whether the time of content begins before its 100 can leave is not said',
  },
  {
    file: 'level3/answer-writer.ts',
    original: 'this.#flushSoon()',
    why: 'a line of a chunk leaves with the bytes behind it, and the last one with the next look at the connection',
  },
  {
    file: 'level3/connection.ts',
    original: 'this.#reading.stop()',
    why: 'whether the time of content goes on while the server itself reads nothing is not said',
  },
  {
    file: 'level3/connection.ts',
    original: 'true',
    line: '...(isAborted ? { aborted: false } : {}),',
    why: LOGS,
  },
  {
    file: 'level3/connection.ts',
    original: '!isSending && isStream(content)',
    why: 'who sends content frees it, and to free it twice is to free it once',
  },
  { file: 'level3/content-sender.ts', original: 'sink.isFull', why: ONLY_FASTER },
  {
    file: 'level3/content-sender.ts',
    original: 'checkPiece(piece)',
    why: OF_THE_REFERENCE_ALONE,
  },
  {
    file: 'level3/file-content.ts',
    original: /^(error|reject\(error\))$/,
    why: 'a disk that fails while it is read cannot be made',
  },
  { file: 'level3/flat.ts', original: "'latin1'", why: 'what is made flat is ASCII' },
  {
    file: 'level3/health.ts',
    original: "'no-store'",
    why: 'the assignment asks for no Cache-Control',
  },
  {
    file: 'level3/media-type.ts',
    original: /^(type !== undefined|known\.set\(extension, found\))$/,
    why: ONLY_FASTER,
  },
  {
    file: 'level3/multipart.ts',
    original: 'index === 0',
    replacement: 'false',
    why: 'an empty line before the first part is a preamble, which is ignored (RFC 2046 §5.1.1)',
  },
  {
    file: 'level3/open-file.ts',
    original: 'this.#isOpen',
    replacement: 'true',
    why: 'a guard against a second close, which nobody asks for today',
  },
  {
    file: 'level3/open-file.ts',
    original: /^\{\s+return undefined\s+\}$/,
    why: 'what returns nothing returns undefined',
  },
  {
    file: 'level3/open-file.ts',
    original: /^(attempt\+\+|there\?\.ino)$/,
    why: 'a race with somebody who swaps folders at the very moment: one look more or less',
  },
  {
    file: 'level3/open-file.ts',
    original: 'path === root',
    replacement: 'false',
    why: 'whether a link to the root itself leads below the root is not said',
  },
  { file: 'level3/open-file.ts', original: 'root.length + 1', why: ONLY_FASTER },
  {
    file: 'level3/open-file.ts',
    original:
      /DESCRIPTORS|^'\/proc\/self\/fd'$|^\{\s+try \{\s+return existsSync|^\{\s+return false\s+\}$/,
    why: "tests run under Node's permission model, where the system cannot be asked",
  },
  {
    file: 'level3/open-file.ts',
    original: "'EPERM'",
    why: 'what a test cannot make: it runs as whoever started it, in a sandbox or without',
  },
]
