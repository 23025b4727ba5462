/**
 * Servers of level 3 with one believable fault each, of the first half of its tasks: persistence, pipelining, health,
 * routes, errors and logs. The faults of the text that the level grew from are among them.
 *
 * What a suite is worth: each must fail exactly the tests that are about its fault.
 */
import type { Edit } from '../../../tests/kit/edited.ts'
import type { WrongServer } from '../../kit/wrong-servers.ts'

/** An edit in level 3, unless the file names another one. */
function edit(file: string, find: string, replace: string): Edit {
  return { file: file.includes('/') ? file : `level3/${file}`, find, replace }
}

export const wrongServers: readonly WrongServer[] = [
  // 3.1
  {
    name: 'keep-alive-when-asked',
    what: 'keeps a connection open only when the request says keep-alive',
    task: '3.1',
    edits: [
      edit(
        'persistence.ts',
        "if (options === undefined) return version === 'HTTP/1.1'",
        'if (options === undefined) return false',
      ),
      edit(
        'persistence.ts',
        "return version === 'HTTP/1.1' || members.includes('keep-alive')",
        "return members.includes('keep-alive')",
      ),
    ],
    fails: [
      'does not take a client that reads slowly for idle, were its answer made at once',
      'gives content a time of its own, however long its header section took',

      'says in Date when each answer was made, on an old connection too',
      'persistence: counts the patience for a header section in all, on a used connection too',
      'persistence: takes no client that is idle for one that takes nothing, and none for idle that takes nothing later',
      'persistence: keeps an HTTP/1.1 connection open after an answer',
      'persistence: says close and closes when the client asks for it',
      'persistence: closes silently, and not too early, when nothing comes any more',
      'persistence: does not take a request that arrives slowly for an idle connection',
      'persistence: says close with the last request that a connection may have',
      'persistence: stays open after 404, 405 and 500',
      'persistence: says close and closes after 400, also on a connection that has served',
      'persistence: drops content that nobody asked for, and finds the next request behind it',
      'persistence: forgets each request before it reads the next',
      'persistence: gives the whole refusal, then FIN, to a client that goes on sending',
      'persistence: takes no other option for close',
      'persistence: serves both versions on one connection, each by its own rule',
      'persistence: keeps the place after answers that have no content',
      'persistence: begins the idle timeout anew after each answer',
      'persistence: closes an idle connection after five seconds unless it is told otherwise',
      'persistence: never closes an idle connection when the timeout is switched off',
      'persistence: begins the patience for a header section with its first byte, on a used connection too',
      'persistence: counts refused requests and those of a pipeline among those that a connection may have',
      'persistence: counts no requests when their number is not limited',
      'persistence: serves a thousand requests on a connection, and says close with the last',
      'persistence: says close and closes after a broken request line, and answers nothing behind it',
      'persistence: says close and closes after a parameter that is out of range, and answers nothing behind it',
      'persistence: says close and closes after a bad escape in a path, and answers nothing behind it',
      'persistence: says close and closes after a missing Host, and answers nothing behind it',
      'persistence: says close and closes after broken chunked framing, and answers nothing behind it',
      'persistence: says close and closes after content above the limit, and answers nothing behind it',
      'persistence: says close and closes after a request line above the limit, and answers nothing behind it',
      'persistence: says close and closes after an expectation that is unknown, and answers nothing behind it',
      'persistence: says close and closes after a header section above the limit, and answers nothing behind it',
      'persistence: says close and closes after a method that is unknown, and answers nothing behind it',
      'persistence: says close and closes after a transfer coding that is unknown, and answers nothing behind it',
      'persistence: says close and closes after another major version, and answers nothing behind it',
      'persistence: stays open when the computing threads have too much to do',
      'persistence: stays open after 429',
      'persistence: drops content up to the limit, in either framing, whatever refuses the request',
      'persistence: leaks no field of one request into the next',
      'persistence: leaks nothing from one connection into another',
      'persistence: finds every request, however the bytes of a connection are cut into reads',
      'persistence: answers 400 to a later request that is cut off by FIN',
      'persistence: asks for the content of each client that waits for a 100',
      'persistence: gives back 1 MiB of content whole, and stays open',
      'persistence: gives up on content that does not come to its end, and counts its patience in all',
    ],
  },
  {
    name: 'connection-as-one-value',
    what: 'compares Connection as one whole value',
    task: '3.1',
    edits: [
      edit(
        'persistence.ts',
        'const members = listMembers(options)',
        'const members = listMembers(options).slice(0, 1)',
      ),
    ],
    fails: [
      'persistence: takes Connection for a list, in any letter case',
      'persistence: finds the close option wherever it stands in Connection',
      'persistence: finds keep-alive of HTTP/1.0 anywhere in the list, unless close is there too',
    ],
  },
  {
    name: 'keep-alive-unsaid',
    what: 'keeps HTTP/1.0 open without telling it',
    task: '3.1',
    edits: [
      edit(
        'answer-writer.ts',
        "request?.version === 'HTTP/1.0' ? 'keep-alive' : undefined",
        'undefined',
      ),
    ],
    fails: [
      'ignores what an HTTP/1.0 client expects, in a refusal too',
      'persistence: keeps an HTTP/1.0 connection open when it is asked to, and says so',
      'persistence: finds keep-alive of HTTP/1.0 anywhere in the list, unless close is there too',
      'persistence: keeps HTTP/1.0 open after a refusal that does not close, and says so',
    ],
  },
  {
    name: 'http-1.0-always-closes',
    what: 'closes every connection of HTTP/1.0',
    task: '3.1',
    edits: [
      edit(
        'persistence.ts',
        "return version === 'HTTP/1.1' || members.includes('keep-alive')",
        "return version === 'HTTP/1.1'",
      ),
    ],
    fails: [
      'ignores what an HTTP/1.0 client expects, in a refusal too',
      'persistence: keeps an HTTP/1.0 connection open when it is asked to, and says so',
      'persistence: finds keep-alive of HTTP/1.0 anywhere in the list, unless close is there too',
      'persistence: asks HTTP/1.0 again with every request',
      'persistence: serves both versions on one connection, each by its own rule',
      'persistence: keeps HTTP/1.0 open after a refusal that does not close, and says so',
      'persistence: leaks no field of one request into the next',
    ],
  },
  {
    name: 'idle-while-reading',
    what: 'lets the idle timeout run while a header section is read',
    task: '3.1',
    edits: [
      edit(
        'connection.ts',
        "case 'head':\n",
        "case 'head':\n        if (isOver(KEEP_ALIVE_TIMEOUT_MS, elapsedMs)) return this.#close()\n",
      ),
    ],
    fails: ['persistence: does not take a request that arrives slowly for an idle connection'],
  },
  {
    name: 'idle-from-the-start',
    what: 'counts the idle timeout from the beginning of the connection',
    task: '3.1',
    edits: [
      edit(
        'connection.ts',
        '  readonly #writer: AnswerWriter\n',
        '  readonly #writer: AnswerWriter\n  readonly #openedAt = performance.now()\n',
      ),
      edit(
        'connection.ts',
        'isOver(KEEP_ALIVE_TIMEOUT_MS, elapsedMs)',
        'isOver(KEEP_ALIVE_TIMEOUT_MS, now - this.#openedAt)',
      ),
    ],
    fails: ['persistence: begins the idle timeout anew after each answer'],
    // Its client has one answer first: how much too early the end then comes depends on how soon that was there.
    mayFail: [
      'does not take a client that reads slowly for idle, were its answer made at once',
      'persistence: closes silently, and not too early, when nothing comes any more',
      'closes an idle connection after five seconds unless it is told otherwise',
    ],
  },
  {
    name: 'idle-while-answering',
    what: 'lets the idle timeout run while a handler takes its time',
    task: '3.1',
    edits: [
      edit(
        'connection.ts',
        "case 'us':\n",
        "case 'us':\n        if (isOver(KEEP_ALIVE_TIMEOUT_MS, elapsedMs)) this.#socket.destroy()\n",
      ),
    ],
    fails: [
      'does not take a client that reads slowly for idle, were its answer made at once',

      'persistence: does not take a handler that takes its time for an idle connection',
      'persistence: does not take a client that reads slowly for an idle connection',
    ],
  },
  {
    name: 'one-request-too-many',
    what: 'serves one request more than a connection may have',
    task: '3.1',
    edits: [
      edit(
        'connection.ts',
        'this.#requests === settings.MAX_REQUESTS_PER_CONNECTION',
        'this.#requests - 1 === settings.MAX_REQUESTS_PER_CONNECTION',
      ),
    ],
    fails: [
      'persistence: says close with the last request that a connection may have',
      'persistence: counts refused requests and those of a pipeline among those that a connection may have',
      'persistence: serves a single request when a connection may have one',
      'persistence: counts no requests when their number is not limited',
      'persistence: serves a thousand requests on a connection, and says close with the last',
    ],
  },
  {
    name: 'never-continues',
    what: 'lets a client wait for its 100 for ever',
    task: '3.1',
    edits: [
      edit(
        'connection.ts',
        'if (this.#pipeline.isFirst(exchange)) this.#writer.sendContinue()\n    else exchange.owesContinue = true',
        'if (!this.#pipeline.isFirst(exchange)) exchange.owesContinue = true',
      ),
    ],
    fails: ['persistence: asks for the content of each client that waits for a 100'],
  },
  {
    name: 'waits-for-readers',
    what: 'never gives up on a client that takes nothing of its answer',
    task: '3.1',
    edits: [
      edit(
        'answer-writer.ts',
        'else if (this.#isStalled) socket.destroy()',
        'else if (this.#isStalled) return',
      ),
    ],
    fails: [
      'gives up on a client that takes nothing of its last answer, however often it sends',
      'persistence: gives up on a client that takes nothing of an answer, and not too soon',
      'persistence: takes no client that is idle for one that takes nothing, and none for idle that takes nothing later',
    ],
  },
  {
    name: 'no-fin',
    what: 'sends no FIN after its last answer, and lets the 2 s of silence end the connection',
    task: '3.1',
    edits: [
      edit('level1/tear-down.ts', "  socket.once('finish', () => {", '  setImmediate(() => {'),
      edit(
        'level1/tear-down.ts',
        '  if (lastBytes === undefined) socket.end()\n  else socket.end(lastBytes)',
        '  if (lastBytes !== undefined) socket.write(lastBytes)',
      ),
    ],
    fails: [
      'takes a client that sends empty lines on and on for idle',

      'gives the last answer whole, then FIN, to a client that goes on sending after close',
      'gives the whole refusal, then FIN, to a client that goes on sending',
      'gives the whole refusal, then FIN, to a client that sends megabytes that nobody wants',
      'reads on while a client that it has answered still sends',
      'persistence: sends FIN right behind its last answer',
    ],
  },
  {
    name: 'endless-patience',
    what: 'never gives up a client that has its answer and does not close',
    task: '3.1',
    edits: [
      edit(
        'level1/tear-down.ts',
        '    socket.setTimeout(LINGER_SILENCE_MS, () => socket.destroy())\n',
        '',
      ),
    ],
    fails: [
      'gives up content that nobody wants, and that does not come to its end',
      'persistence: gives up a client that does not close',
    ],
  },
  {
    name: 'header-time-from-byte-to-byte',
    what: 'counts the patience for a header section anew with each read',
    task: '3.1',
    edits: [
      edit(
        'connection.ts',
        'if (phase === this.#phase && this.#requests',
        "if (phase !== 'head' && phase === this.#phase && this.#requests",
      ),
      edit(
        'connection.ts',
        'this.#reading.run(2 * this.#requests)',
        'this.#reading.run(performance.now())',
      ),
    ],
    fails: [
      'persistence: counts the patience for a header section in all, on a used connection too',
    ],
  },
  {
    name: 'content-time-from-byte-to-byte',
    what: 'counts the patience for content anew with each read',
    task: '3.1',
    edits: [
      edit(
        'connection.ts',
        'if (phase === this.#phase && this.#requests',
        "if (phase !== 'content' && phase === this.#phase && this.#requests",
      ),
      edit(
        'connection.ts',
        'this.#reading.run(2 * this.#requests + 1)',
        'this.#reading.run(performance.now())',
      ),
    ],
    fails: [
      'persistence: gives up on content that does not come to its end, and counts its patience in all',
    ],
  },
  {
    name: 'takes-idle-for-stalled',
    what: 'destroys a connection that has been idle for the write timeout',
    task: '3.1',
    edits: [
      edit(
        'answer-writer.ts',
        'if (socket.writableLength === 0) {',
        'if (socket.writableLength === 0) {\n      socket.destroy()',
      ),
    ],
    fails: [
      'persistence: takes no client that is idle for one that takes nothing, and none for idle that takes nothing later',
    ],
  },
  {
    name: 'loses-patience-once',
    what: 'looks at what a client takes until it has been idle once',
    task: '3.1',
    edits: [edit('answer-writer.ts', 'this.#isTimed = false', 'this.#isTimed = true')],
    fails: [
      'persistence: takes no client that is idle for one that takes nothing, and none for idle that takes nothing later',
    ],
  },
  {
    name: 'waits-for-content',
    what: 'waits for content as long as it takes',
    task: '3.1',
    edits: [
      edit(
        'connection.ts',
        'isOver(BODY_TIMEOUT_MS, this.#reading.elapsedMs(now))',
        'isOver(0, elapsedMs)',
      ),
    ],
    fails: [
      'gives content a time of its own, however long its header section took',
      'gives up content that nobody wants, and that does not come to its end',
      'persistence: gives up on content that does not come to its end, and counts its patience in all',
    ],
  },
  {
    name: 'drops-without-end',
    what: 'drops what a client sends after its answer for as long as it sends',
    task: '3.1',
    edits: [edit('level1/tear-down.ts', 'if (dropped > LINGER_BYTES)', 'if (dropped < 0)')],
    fails: ['persistence: gives up a client that sends on without end'],
  },
  {
    name: 'two-seconds-in-all',
    what: 'gives a client that still sends two seconds in all, not two seconds of silence',
    task: '3.1',
    edits: [
      edit(
        'level1/tear-down.ts',
        'socket.setTimeout(LINGER_SILENCE_MS, () => socket.destroy())',
        'setTimeout(() => socket.destroy(), LINGER_SILENCE_MS)',
      ),
    ],
    fails: ['persistence: reads on while a client that it has answered still sends'],
  },
  {
    name: 'continues-what-is-too-large',
    what: 'asks with 100 for content that it then refuses as too large',
    task: '3.1',
    edits: [
      edit('connection.ts', '!isServed || isTooLarge || !exchange', '!isServed || !exchange'),
    ],
    fails: ['persistence: closes when a client that waits for a 100 is refused'],
  },
  {
    name: 'closes-after-404',
    what: 'closes after 404',
    task: '3.1',
    edits: [edit('errors.ts', '[400, 408,', '[400, 404, 408,')],
    fails: [
      'ignores what an HTTP/1.0 client expects, in a refusal too',
      'persistence: stays open after 404, 405 and 500',
      'persistence: drops content that nobody asked for, and finds the next request behind it',
      'persistence: keeps HTTP/1.0 open after a refusal that does not close, and says so',
      'persistence: keeps the place after answers that have no content',
      'persistence: counts refused requests and those of a pipeline among those that a connection may have',
      'persistence: drops content up to the limit, in either framing, whatever refuses the request',
      'persistence: finds every request, however the bytes of a connection are cut into reads',
    ],
  },
  {
    name: 'stays-open-after-501',
    what: 'stays open after 501',
    task: '3.1',
    edits: [edit('errors.ts', '431, 501, 505', '431, 505')],
    fails: [
      'persistence: says close and closes after a method that is unknown, and answers nothing behind it',
    ],
  },
  {
    name: 'remembers-the-type',
    what: 'gives content without a type the type of the content before',
    task: '3.1',
    edits: [
      edit(
        'level2/handlers.ts',
        "headers.get('content-type') ?? 'application/octet-stream' },",
        "(lastType = headers.get('content-type') ?? lastType) },",
      ),
      edit(
        'level2/handlers.ts',
        '/** `GET /` */',
        "let lastType = 'application/octet-stream'\n\n/** `GET /` */",
      ),
    ],
    fails: [
      'persistence: forgets each request before it reads the next',
      'persistence: leaks no field of one request into the next',
    ],
  },
  {
    name: 'closes-at-once',
    what: 'closes while the client still sends',
    task: '3.1',
    edits: [edit('connection.ts', 'tearDown(this.#socket)', 'this.#socket.destroySoon()')],
    fails: [
      'persistence: gives the whole refusal, then FIN, to a client that goes on sending',
      'persistence: gives the last answer whole, then FIN, to a client that goes on sending after close',
      'persistence: gives the whole refusal, then FIN, to a client that sends megabytes that nobody wants',
      'persistence: reads on while a client that it has answered still sends',
    ],
  },
  {
    name: 'cuts-content-that-nobody-wants',
    what: 'closes at once behind a 404 or 405 whose content is longer than the limit',
    task: '3.1',
    edits: [
      edit(
        'connection.ts',
        '    exchange.isLast = true\n    // A request',
        "    exchange.isLast = true\n    this.#isCut = exchange.state !== 'reading'\n    // A request",
      ),
      edit('connection.ts', '  #isDraining = false\n', '  #isDraining = false\n  #isCut = false\n'),
      edit(
        'connection.ts',
        'tearDown(this.#socket)',
        'if (this.#isCut) this.#socket.destroySoon()\n    else tearDown(this.#socket)',
      ),
    ],
    fails: [
      'persistence: gives the whole refusal, then FIN, to a client that sends megabytes that nobody wants',
    ],
  },
  {
    name: 'field-names-by-case',
    what: 'knows field names in their usual letter case only',
    task: '3.1',
    edits: [
      edit(
        'level2/field-lines.ts',
        'nameEnd - start).toLowerCase()',
        'nameEnd - start).replace(/^[A-Z][a-z]*(-[A-Z][a-z]*)*$|^TE$/, (name) => name.toLowerCase())',
      ),
    ],
    fails: ['persistence: finds the close option wherever it stands in Connection'],
  },
  {
    name: '100-for-http-1.0',
    what: 'sends a 100 to a client of HTTP/1.0 that asks for one',
    task: '3.1',
    edits: [edit('expectation.ts', " || version === 'HTTP/1.0'", '')],
    fails: [
      'ignores what an HTTP/1.0 client expects, in a refusal too',
      'persistence: says no 100 where nobody waits for it',
    ],
  },
  {
    name: '100-for-everybody',
    what: 'sends a 100 before every content',
    task: '3.1',
    edits: [edit('expectation.ts', 'return expectations.length > 0', 'return true')],
    fails: ['persistence: says no 100 where nobody waits for it'],
  },
  {
    name: 'one-expectation-will-do',
    what: 'refuses a list of expectations only if it knows none of them',
    task: '3.1',
    edits: [
      edit(
        'expectation.ts',
        'expectations.some(',
        'expectations.length > 0 && expectations.every(',
      ),
    ],
    fails: ['persistence: closes when a client that waits for a 100 is refused'],
  },
  {
    name: 'one-date-for-all',
    what: 'makes the text of Date once, and says it ever after',
    task: '3.1',
    edits: [
      edit(
        'http-date.ts',
        '  setTimeout(() => (text = undefined), 1_000 - now.getMilliseconds()).unref()\n',
        '',
      ),
    ],
    fails: ['says in Date when each answer was made, on an old connection too'],
  },
  {
    name: 'closes-without-a-word',
    what: 'does not say close where it refuses content that it will not read',
    task: '3.1',
    edits: [
      edit(
        'connection.ts',
        '    exchange.isLast = true\n    // A request',
        "    exchange.isLast = exchange.state === 'reading'\n    // A request",
      ),
    ],
    fails: ['closes when content that nobody wants is longer than the limit'],
  },
  {
    name: 'drops-for-ever',
    what: 'has no timeout for content that it drops',
    task: '3.1',
    edits: [
      edit(
        'connection.ts',
        '        if (isOver(BODY_TIMEOUT_MS, this.#reading.elapsedMs(now))) this.#giveUpReading()',
        "        if (this.#current?.state === 'reading' && isOver(BODY_TIMEOUT_MS, this.#reading.elapsedMs(now))) this.#giveUpReading()",
      ),
    ],
    fails: ['gives up content that nobody wants, and that does not come to its end'],
  },
  {
    name: 'takes-sending-for-reading',
    what: 'takes whatever a client sends for a sign that it takes its answer',
    task: '3.1',
    edits: [
      edit(
        'connection.ts',
        '(this.#isClosing && this.#socket.writableLength === 0)',
        'this.#isClosing',
      ),
    ],
    fails: ['gives up on a client that takes nothing of its last answer, however often it sends'],
  },
  {
    name: 'closes-for-an-old-expectation',
    what: 'believes that a client of HTTP/1.0 waits for a 100',
    task: '3.1',
    edits: [
      edit(
        'connection.ts',
        'if (!isServed && waitsForContinue(request))',
        "if (!isServed && request.headers.has('expect'))",
      ),
    ],
    fails: ['ignores what an HTTP/1.0 client expects, in a refusal too'],
  },
  {
    name: 'empty-lines-keep-it-open',
    what: 'begins the idle timeout anew with whatever comes, an empty line among it',
    task: '3.1',
    edits: [
      edit(
        'connection.ts',
        '    if (phase === this.#phase && this.#requests === this.#phaseRequests) return\n',
        '',
      ),
    ],
    fails: ['takes a client that sends empty lines on and on for idle'],
  },
  {
    name: 'idle-while-it-sends',
    what: 'takes a client for idle that has not taken its answer yet, if that was made at once',
    task: '3.1',
    edits: [
      edit(
        'connection.ts',
        "if (!mayRead) return 'us'",
        "if (!mayRead && this.#pipeline.length > 0) return 'us'",
      ),
    ],
    fails: ['does not take a client that reads slowly for idle, were its answer made at once'],
  },
  {
    name: 'counts-from-the-answer-before',
    what: 'counts the time of a header section from the answer before it',
    task: '3.1',
    edits: [
      edit(
        'connection.ts',
        "if (phase === 'head') this.#reading.run",
        "if (phase !== 'FIN') this.#reading.run",
      ),
    ],
    fails: [
      'begins the patience for a header section with its first byte, on a used connection too',
    ],
  },
  {
    name: 'one-clock-for-head-and-content',
    what: 'counts the time of content from the beginning of its header section',
    task: '3.1',
    edits: [edit('connection.ts', '2 * this.#requests + 1', '2 * this.#requests - 2')],
    fails: ['gives content a time of its own, however long its header section took'],
  },
  // 3.2
  {
    name: 'keeps-pieces-to-the-end',
    what: 'sends content that is made piece by piece when much has gathered, or all of it',
    task: '3.2',
    edits: [
      edit(
        'answer-writer.ts',
        `process.nextTick(() => {
      this.#isFlushDue = false
      this.flush()
    })`,
        '',
      ),
    ],
    fails: ['sends what there is of content while the rest is still awaited'],
  },
  {
    name: 'asks-again-with-each-read',
    what: 'says 100 again with each read of content that it asked for behind other answers',
    task: '3.2',
    edits: [edit('connection.ts', '      this.#current.owesContinue = false\n', '')],
    fails: [
      'pipelining: asks for content only when the answers before are sent',
      'pipelining: loses patience with content that it asked for late',
    ],
  },
  {
    name: 'computes-for-nobody',
    what: 'computes what a client asked for that has left',
    task: '3.2',
    edits: [edit('connection.ts', '    this.#gone?.abort()\n', '')],
    fails: ['pipelining: frees what a client asked for that has left'],
  },
  {
    name: 'sends-what-is-ready',
    what: 'sends each answer as soon as it is ready',
    task: '3.2',
    edits: [
      edit(
        'pipeline.ts',
        "const first = this.#first\n      if (first?.state !== 'answered') return",
        "const first = [this.#first, ...this.#others].find((turn) => turn?.state === 'answered')\n      if (first === undefined) return",
      ),
      edit(
        'pipeline.ts',
        '    if (this.#first !== turn) return\n',
        '    if (this.#first !== turn) {\n      if (this.#others.includes(turn)) this.#others.splice(this.#others.indexOf(turn), 1)\n      return\n    }\n',
      ),
    ],
    fails: [
      'pipelining: answers in the order of the requests, also when a later one is ready first',
      'pipelining: lets a method that is not safe wait until all before it are answered',
      'pipelining: sends the answers that are due before it refuses a bad request',
      'pipelining: gives a client that has ended its direction all answers that are due',
      'pipelining: keeps the order among requests of every kind, in one write and in many reads',
      'pipelining: keeps the order among answers that are refused, empty, streamed or computed',
      'pipelining: answers pipelines of several connections, each in its own order',
      'pipelining: sends in order what is answered in any order',
      'pipelining: asks for content only when the answers before are sent',
      'pipelining: answers in order what comes before a close option, and nothing behind it',
      'pipelining: sends the answers that are due before each kind of refusal',
      'pipelining: gives a client that has ended its direction a long pipeline, and 400 to its cut off end',
    ],
  },
  {
    name: 'no-bound',
    what: 'takes any number of requests of a connection',
    task: '3.2',
    edits: [
      edit('pipeline.ts', '(last.isSafe && this.length < this.#options.most)', 'last.isSafe'),
    ],
    fails: [
      'pipelining: has no more requests of a connection in flight than it may',
      'pipelining: has no more than 16 requests of a connection in flight unless it is told otherwise',
      'pipelining: bounds what is in flight also when the requests come one by one',
      'pipelining: serves one request at a time when no more may be in flight',
      'pipelining: sends in order what is answered in any order',
    ],
  },
  {
    name: 'waits-for-drain-alone',
    what: 'stops reading while an answer waits, and reads on when the socket says drain: of little, it never does',
    task: '3.2',
    edits: [edit('answer-writer.ts', 'if (!this.#socket.writableNeedDrain) this.#watch()\n', '')],
    fails: ['pipelining: goes on with a client that reads on, however little had waited for it'],
  },
  {
    name: 'goes-on-once',
    what: 'looks out for the end of little that waits once in a connection, and hangs the second time',
    task: '3.2',
    edits: [
      edit(
        'answer-writer.ts',
        '      this.#isWatched = false\n      this.#onTaken()',
        '      this.#onTaken()',
      ),
    ],
    fails: ['pipelining: goes on with a client that reads on, however little had waited for it'],
  },
  {
    name: 'keeps-what-nobody-reads',
    what: 'keeps what comes behind a close option for as long as the answers before it are made',
    task: '3.2',
    edits: [
      edit(
        'connection.ts',
        'if (!this.#isClosing) this.#parser.add(bytes)',
        'this.#parser.add(bytes)',
      ),
    ],
    fails: ['pipelining: keeps nothing of what comes behind a close option'],
  },
  {
    name: 'one-after-the-other',
    what: 'runs the requests of a connection one after the other',
    task: '3.2',
    edits: [edit('pipeline.ts', ' || (last.isSafe && this.length < this.#options.most)', '')],
    fails: [
      'pipelining: runs requests that only ask side by side',
      'pipelining: starts nothing beside a method that is not safe',
      'pipelining: sends in order what is answered in any order',
      'pipelining: keeps a place for a request whose content is still coming',
    ],
  },
  {
    name: 'every-method-safe',
    what: 'runs methods that are not safe beside others',
    task: '3.2',
    edits: [
      edit(
        'exchange.ts',
        'this.isSafe = request === undefined || safeMethods.has(request.method)',
        'this.isSafe = safeMethods.size > 0',
      ),
    ],
    fails: ['pipelining: runs nothing beside a method that is not safe'],
  },
  {
    name: 'continue-too-early',
    what: 'asks for content before the answers that are due are sent',
    task: '3.2',
    edits: [
      edit(
        'connection.ts',
        'if (this.#pipeline.isFirst(exchange)) this.#writer.sendContinue()\n    else exchange.owesContinue = true',
        'this.#writer.sendContinue()',
      ),
    ],
    fails: [
      'pipelining: lets a method that is not safe wait until all before it are answered',
      'pipelining: asks for content only when the answers before are sent',
    ],
  },
  {
    name: 'endless-for-the-late',
    what: 'runs no clock for content that it asked for behind other answers',
    task: '3.2',
    edits: [
      edit(
        'connection.ts',
        '.owesContinue === true &&',
        '.owesContinue === true && this.#current.expectsContinue &&',
      ),
      edit(
        'connection.ts',
        'this.#current.owesContinue = false',
        'this.#current.expectsContinue = false',
      ),
    ],
    fails: ['pipelining: loses patience with content that it asked for late'],
  },
  {
    name: 'answers-whoever-reads',
    what: 'takes in requests, and makes their answers, while the client reads none',
    task: '3.2',
    edits: [
      edit(
        'connection.ts',
        'this.#isClosing || this.#socket.writableLength > 0 ||',
        'this.#isClosing ||',
      ),
    ],
    fails: [
      'pipelining: stops reading from a client that asks on and on and reads nothing',
      'pipelining: stops reading from a client that sends content on and on and reads nothing',
    ],
  },
  {
    name: 'never-pauses',
    what: 'keeps what comes while it may not read, and goes on reading',
    task: '3.2',
    edits: [edit('connection.ts', '    else this.#socket.pause()\n', '')],
    fails: [
      'pipelining: stops reading from a client that asks on and on and reads nothing',
      'pipelining: stops reading from a client that sends content on and on and reads nothing',
    ],
  },
  {
    name: 'lines-without-a-type',
    what: 'sends lines without saying that they are text',
    task: '3.2',
    edits: [
      edit('lines.ts', "headers: { 'Content-Type': 'text/plain; charset=utf-8' }", 'headers: {}'),
    ],
    fails: ['pipelining: sends content of unknown length chunked, and goes on'],
  },
  {
    name: 'makes-all-lines-first',
    what: 'makes the whole text of a stream before it sends any of it',
    task: '3.2',
    edits: [
      edit(
        'lines.ts',
        'for (let line = 1; line <= count; line++) yield Buffer.from(`line ${line}\\n`)',
        'const text = Buffer.alloc(13 * count)\n      let bytes = 0\n      for (let line = 1; line <= count; line++) bytes += text.write(`line ${line}\\n`, bytes)\n      yield text.subarray(0, bytes)',
      ),
    ],
    fails: ['pipelining: makes lines no faster than the client reads them'],
  },
  {
    name: 'a-tenth-of-the-lines',
    what: 'refuses more than 100,000 lines',
    task: '3.2',
    edits: [
      edit('lines.ts', 'export const MAX_LINES = 1_000_000', 'export const MAX_LINES = 100_000'),
    ],
    fails: ['pipelining: makes lines no faster than the client reads them'],
  },
  {
    name: 'ends-with-an-empty-piece',
    what: 'writes a chunk for an empty piece, which is the last chunk',
    task: '3.2',
    edits: [edit('content-sender.ts', 'if (piece.length === 0) ', 'if (piece.length < 0) ')],
    fails: ['pipelining: resets the connection when content of unknown length fails'],
  },
  {
    name: 'makes-content-for-head',
    what: 'makes the content of unknown length of a HEAD, and drops it',
    task: '3.2',
    edits: [
      edit(
        'answer-writer.ts',
        'if (isStream(content)) dropContent(content)',
        'if (isStream(content)) void (async () => { for await (const piece of content) void piece })()',
      ),
    ],
    fails: ['pipelining: makes no piece of content for HEAD'],
  },
  {
    name: 'announces-another-trailer',
    what: 'says Trailer: Digest, and sends Content-Digest',
    task: '3.2',
    edits: [edit('answer-writer.ts', 'Trailer: Content-Digest', 'Trailer: Digest')],
    fails: [
      'pipelining: adds a digest of the content to the trailer section when the client asks for trailers',
      'pipelining: finds trailers in TE wherever it stands, and nothing else for it',
      'pipelining: digests each content by itself, empty content among them',
    ],
  },
  {
    name: 'dies-of-undefined',
    what: 'asks what was thrown for its code, also when nothing was',
    task: '3.6',
    edits: [
      edit(
        'errors.ts',
        'return thrown instanceof RequestError',
        "return 'status' in (thrown as object)",
      ),
    ],
    fails: ['errors-and-logs: answers 500 whatever a handler throws, and however'],
  },
  {
    name: 'content-for-a-refused-head',
    what: 'sends content to a HEAD that it refuses for its fields, as if it did not know the method yet',
    task: '3.6',
    edits: [edit('exchange.ts', '    this.line = line\n', '    this.line = request\n')],
    fails: ['errors-and-logs: refuses HEAD with the fields of a refusal and no content'],
  },
  {
    name: 'bad-request-cuts',
    what: 'forgets what is due when a bad request comes',
    task: '3.2',
    edits: [
      edit(
        'connection.ts',
        '    const exchange = this.#current ?? new Exchange(undefined',
        '    this.#pipeline.clear()\n    const exchange = this.#current ?? new Exchange(undefined',
      ),
    ],
    fails: [
      'pipelining: sends the answers that are due before it refuses a bad request',
      'pipelining: sends the answers that are due before each kind of refusal',
      'pipelining: gives a client that has ended its direction a long pipeline, and 400 to its cut off end',
      'pipelining: loses patience with content that it asked for late',
    ],
  },
  {
    name: 'fin-is-the-end',
    what: 'takes the FIN of a client for its end',
    task: '3.2',
    edits: [
      edit(
        'connection.ts',
        '    this.#hasEnded = true\n',
        '    this.#hasEnded = true\n    this.#socket.destroySoon()\n',
      ),
    ],
    fails: [
      'pipelining: gives a client that has ended its direction a long pipeline, and 400 to its cut off end',
      'pipelining: ends the connection once a client that has ended its direction has its answers',
    ],
  },
  {
    name: 'chunks-for-everyone',
    what: 'sends chunks to HTTP/1.0, too',
    task: '3.2',
    edits: [
      edit(
        'answer-writer.ts',
        "length === undefined && request?.version !== 'HTTP/1.0'",
        'length === undefined',
      ),
    ],
    fails: [
      'pipelining: sends content of unknown length to HTTP/1.0 until it closes',
      'pipelining: ends content of unknown length by closing for HTTP/1.0 that asked for keep-alive, and says so',
    ],
  },
  {
    name: 'chunks-for-head',
    what: 'sends the chunks of a stream to HEAD',
    task: '3.2',
    edits: [
      edit(
        'answer-writer.ts',
        "if (line?.method === 'HEAD' || hasNoContent(status))",
        "if ((line?.method === 'HEAD' && !isChunked) || hasNoContent(status))",
      ),
    ],
    fails: [
      'pipelining: sends no content of unknown length to HEAD',
      'pipelining: keeps the order among answers that are refused, empty, streamed or computed',
      'pipelining: answers HEAD of unknown length without a Content-Length, and goes on',
      'pipelining: makes no piece of content for HEAD',
    ],
  },
  {
    name: 'trailers-for-everyone',
    what: 'sends a trailer section to whoever gets chunks',
    task: '3.2',
    edits: [edit('answer-writer.ts', 'isChunked && wantsTrailers(request)', 'isChunked')],
    fails: [
      'pipelining: sends content of unknown length chunked, and goes on',
      'pipelining: finds trailers in TE wherever it stands, and nothing else for it',
    ],
  },
  {
    name: 'whole-after-a-fault',
    what: 'ends content that failed as if it were whole',
    task: '3.2',
    edits: [
      edit(
        'answer-writer.ts',
        '      this.#socket.resetAndDestroy()\n    } finally',
        "      this.addLatin1('0\\r\\n\\r\\n')\n    } finally",
      ),
    ],
    fails: ['resets the connection when content of unknown length fails'],
  },
  {
    name: 'te-as-one-value',
    what: 'compares TE as one whole value',
    task: '3.2',
    edits: [
      edit(
        'answer-writer.ts',
        "listMembers(te).includes('trailers')",
        "te === 'trailers' && listMembers(te).length > 0",
      ),
    ],
    fails: ['pipelining: finds trailers in TE wherever it stands, and nothing else for it'],
  },
  {
    name: 'digest-in-hexadecimal',
    what: 'writes the digest in hexadecimal',
    task: '3.2',
    edits: [edit('content-sender.ts', "hash.digest('base64')", "hash.digest('hex')")],
    fails: [
      'pipelining: adds a digest of the content to the trailer section when the client asks for trailers',
      'pipelining: finds trailers in TE wherever it stands, and nothing else for it',
      'pipelining: digests each content by itself, empty content among them',
    ],
  },
  // 3.3
  {
    name: 'others-only',
    what: 'leaves the asking connection out of those that it counts',
    task: '3.3',
    edits: [
      edit('server.ts', 'connections: connections.open }', 'connections: connections.open - 1 }'),
    ],
    fails: [
      'health: answers with the status, the time since the start, and the connections',
      'health: counts the connections that are open, silent ones and its own among them',
      'health: counts connections that serve, wait, and have said half a request',
      'health: forgets connections in whatever way they ended',
      'health: counts a connection that is being closed until it is gone',
      'health: does not count connections twice that send several requests',
    ],
  },
  {
    name: 'always-ok',
    what: 'says ok while it ends',
    task: '3.3',
    edits: [edit('health.ts', 'status: isDraining ? 503 : 200', 'status: isDraining ? 200 : 200')],
    fails: [
      'health: says 503 and draining on a connection that is busy while the server ends',
      'health: answers HEAD with 503 and without content while the server ends',
    ],
  },
  // 3.4
  {
    name: 'no-way-back',
    what: 'never goes back in the tree',
    task: '3.4',
    edits: [
      edit(
        'trie.ts',
        'if (next !== undefined && (node.parameter !== undefined || node.wildcard !== undefined)) {',
        'if (next !== undefined && start < 0) {',
      ),
    ],
    fails: [
      'trie-router: tries the next choice where the better one leads nowhere',
      'trie-router: turns back as far as it has to',
      'trie-router: turns back where the better choice does not serve the method',
    ],
  },
  {
    name: 'drops-parameters',
    what: 'finds routes and drops their parameters',
    task: '3.4',
    edits: [
      edit(
        'trie-router.ts',
        'params[name] = path.slice(starts[place], starts[place + 1]! - 1)',
        'void [name, place]',
      ),
      edit('trie-router.ts', "{ '*': path.slice(starts[this.#wildcard.place]) }", '{}'),
    ],
    fails: [
      'trie-router: prefers text to a parameter and a parameter to a wildcard, whatever was added first',
      'trie-router: tries the next choice where the better one leads nowhere',
      'trie-router: gives each route its own names for parameters at the same place',
      'trie-router: decodes once, after it has found the segments',
      'trie-router: lets a wildcard match one or more segments, of which the last may be empty',
      'trie-router: turns back as far as it has to',
      'trie-router: turns back where the better choice does not serve the method',
      'trie-router: takes routes apart that differ in the method or the last segment alone',
      'trie-router: gives each route its own names, in any number of them',
      'trie-router: takes what only looks like a duplicate for another route',
      'trie-router: decodes escapes once, in texts, parameters and wildcards',
      'trie-router: takes no name that JavaScript objects have for a route or a parameter',
      'trie-router: serves HEAD and OPTIONS by their own routes where there are some',
      'trie-router: routes requests of the server by the same rules',
    ],
  },
  {
    name: 'last-name-wins',
    what: 'names parameters as the route that was added last',
    task: '3.4',
    edits: [
      edit(
        'trie-router.ts',
        "this.#parameters = named.filter(({ kind }) => kind === 'parameter')\n    this.#wildcard = named.find(({ kind }) => kind === 'wildcard')",
        "this.#parameters = named.filter(({ kind }) => kind !== 'text')\n    this.#wildcard = undefined\n    if (this.#parameters.length > 0) latest = this.#parameters",
      ),
      edit(
        'trie-router.ts',
        '/** What a pattern leads to. */',
        'let latest: readonly Named[] = []\n\n/** What a pattern leads to. */',
      ),
      edit(
        'trie-router.ts',
        'for (const { name, place } of this.#parameters) {\n      params[name] =',
        'for (const [i, { name, place }] of this.#parameters.entries()) {\n      params[latest[i]?.name ?? name] =',
      ),
    ],
    fails: [
      'trie-router: prefers text to a parameter and a parameter to a wildcard, whatever was added first',
      'trie-router: gives each route its own names for parameters at the same place',
      'trie-router: decodes once, after it has found the segments',
      'trie-router: turns back as far as it has to',
      'trie-router: turns back where the better choice does not serve the method',
      'trie-router: gives each route its own names, in any number of them',
      'trie-router: takes what only looks like a duplicate for another route',
      'trie-router: decodes escapes once, in texts, parameters and wildcards',
      'trie-router: takes no name that JavaScript objects have for a route or a parameter',
      'trie-router: routes requests of the server by the same rules',
    ],
  },
  {
    name: 'decodes-then-splits',
    what: 'decodes a path before it splits it',
    task: '3.4',
    edits: [
      edit(
        'route-pattern.ts',
        "path.replace(/%2f/gi, ESCAPED_SLASH).replaceAll('%25', ESCAPED_PERCENT)",
        "path.replaceAll('%25', ESCAPED_PERCENT)",
      ),
    ],
    fails: [
      'trie-router: decodes once, after it has found the segments',
      'trie-router: decodes escapes once, in texts, parameters and wildcards',
      'trie-router: lists in Allow what each route of the server serves',
      'trie-router: routes requests of the server by the same rules',
    ],
  },
  {
    name: 'duplicates-by-name',
    what: 'takes routes for different ones whose parameters have other names',
    task: '3.4',
    edits: [edit('trie-router.ts', 'if (same !== undefined)', 'if (same?.pattern === pattern)')],
    fails: [
      'trie-router: refuses a route that is there already, and names both patterns',
      'trie-router: refuses whatever matches the same requests, however it is written',
    ],
  },
  {
    name: 'allow-without-options',
    what: 'leaves OPTIONS out of Allow',
    task: '3.4',
    edits: [edit('trie-router.ts', "    allow.add('OPTIONS')\n", '')],
    fails: [
      'trie-router: tells a path that is not served from a method that is not, and serves HEAD by GET',
      'trie-router: answers OPTIONS with 204 and Allow',
      'trie-router: answers 405 with Allow, and 400 to a bad escape',
      'trie-router: turns back where the better choice does not serve the method',
      'trie-router: takes routes apart that differ in the method or the last segment alone',
      'trie-router: takes no name that JavaScript objects have for a route or a parameter',
      'trie-router: serves HEAD and OPTIONS by their own routes where there are some',
      'trie-router: names for the asterisk all methods of all routes',
      'trie-router: lists in Allow what each route of the server serves',
    ],
  },
  {
    name: 'looks-at-every-route',
    what: 'compares a segment with every text of the tree',
    task: '3.4',
    edits: [edit('trie.ts', 'const FEW = 8', 'const FEW = 1e9')],
    fails: [
      'trie-router: finds a route among ten thousand about as quickly as among ten',
      'trie-router: finds what is not there among ten thousand routes about as quickly as among ten',
      'trie-router: finds parameters and wildcards among ten thousand routes about as quickly as among ten',
    ],
  },
  // 3.6
  {
    name: 'refuses-in-text',
    what: 'refuses with plain text',
    task: '3.6',
    edits: [
      edit(
        'errors.ts',
        "{ 'Content-Type': 'application/json', ...headers }",
        "{ 'Content-Type': 'text/plain; charset=utf-8', ...headers }",
      ),
    ],
    fails: [
      'errors-and-logs: refuses with JSON: a code, the status and a sentence',
      'errors-and-logs: tells nothing of what a handler threw',
      'errors-and-logs: refuses whatever it refuses with the same JSON, from the parser to the handlers',
      'errors-and-logs: refuses what comes too late, too often or to too many with the same JSON',
      'errors-and-logs: logs who was refused a place',
    ],
  },
  {
    name: 'shows-the-stack',
    what: 'shows the stack of what a handler threw',
    task: '3.6',
    edits: [
      edit(
        'errors.ts',
        '{ code, status, message, headers }: RequestError',
        '{ code, status, message: text, headers, cause }: RequestError',
      ),
      edit(
        'errors.ts',
        '): Response {\n',
        '): Response {\n  const message = status === 500 && cause instanceof Error ? String(cause.stack) : text\n',
      ),
    ],
    fails: [
      'errors-and-logs: tells nothing of what a handler threw',
      'errors-and-logs: refuses whatever it refuses with the same JSON, from the parser to the handlers',
    ],
  },
  {
    name: 'raw-controls',
    what: 'leaves DEL and the controls after it in the log',
    task: '3.6',
    edits: [edit('log.ts', 'escapeControls(JSON.stringify(fields))', 'JSON.stringify(fields)')],
    fails: ['errors-and-logs: escapes every control character wherever it stands'],
  },
  {
    name: 'times-the-connection',
    what: 'counts the duration of each request from the first one of its connection',
    task: '3.6',
    edits: [
      edit(
        'connection.ts',
        'performance.now() - startedAt',
        'performance.now() - (this.#firstAt ??= startedAt)',
      ),
      edit(
        'connection.ts',
        '  #requests = 0\n',
        '  #requests = 0\n  #firstAt: number | undefined\n',
      ),
    ],
    fails: ['errors-and-logs: says how long each request took'],
  },
  {
    name: 'path-in-the-log',
    what: 'logs the path for the target',
    task: '3.6',
    edits: [
      edit(
        'connection.ts',
        'target: line?.target ?? null',
        'target: exchange.request?.path ?? null',
      ),
    ],
    fails: [
      'errors-and-logs: writes one line a request, with all its fields',
      'errors-and-logs: logs a pipeline in full: a line and an id of its own for each request',
    ],
  },
  {
    name: 'logs-what-is-cut-twice',
    what: 'logs an answer that was being sent once more when its connection closes',
    task: '3.6',
    edits: [edit('connection.ts', ' || exchange.isLogged', '')],
    fails: [
      'errors-and-logs: writes a line for an answer that the client did not wait for',
      'errors-and-logs: logs answers that were cut or never begun once each',
    ],
  },
  {
    name: 'words-on-stderr',
    what: 'says in words that it has started',
    task: '3.6',
    edits: [
      edit(
        'log.ts',
        'this.#line({ time: now(), level, message, ...details })',
        'this.#write?.(`${level}: ${message}\\n`)',
      ),
    ],
    fails: [
      'errors-and-logs: writes one line a request, with all its fields',
      'errors-and-logs: writes a line for a refusal before there was a request',
      'errors-and-logs: writes a line for an answer that the client did not wait for',
      'errors-and-logs: writes no control character, whatever it is sent',
      'errors-and-logs: writes JSON alone on stderr, also at the start and at the end',
      'errors-and-logs: logs a pipeline in full: a line and an id of its own for each request',
      'errors-and-logs: counts the bytes of content that it sent, without framing',
      'errors-and-logs: says how long each request took',
      'errors-and-logs: logs a fault of ours as an error, with what was thrown',
      'errors-and-logs: logs refusals of every kind before there was a request, with null for what is not known',
      'errors-and-logs: logs who was refused a place',
      'errors-and-logs: logs answers that were cut or never begun once each',
      'errors-and-logs: logs requests in full whose client has left before the answer, and no fault of its own',
      'errors-and-logs: escapes every control character wherever it stands',
      'errors-and-logs: lets no client begin a line, or write to the terminal of whoever reads the log',
      'errors-and-logs: writes a line when it starts, and one when it has ended',
    ],
  },
  {
    name: 'one-id-for-all',
    what: 'gives all requests one id',
    task: '3.6',
    edits: [edit('log.ts', '${++this.#requests}', '${this.#requests}')],
    fails: [
      'errors-and-logs: logs a pipeline in full: a line and an id of its own for each request',
    ],
  },
]
