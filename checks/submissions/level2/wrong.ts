/**
 * Servers of level 2 with one believable fault each: what somebody writes who has not thought of one thing.
 *
 * What a suite is worth: each must fail exactly the tests that are about its fault.
 */
import type { Edit } from '../../../tests/kit/edited.ts'
import type { WrongServer } from '../../kit/wrong-servers.ts'

function edit(file: string, find: string, replace: string): Edit {
  return { file: `level2/${file}`, find, replace }
}

export const wrongServers: readonly WrongServer[] = [
  // 2.1
  {
    name: 'names-by-case',
    what: 'looks field names up by letter case',
    task: '2.1',
    edits: [
      edit(
        'field-lines.ts',
        'nameEnd - start).toLowerCase()',
        "nameEnd - start).replace('Host', 'host').replace('Content-Length', 'content-length')",
      ),
    ],
    fails: [
      'takes a request apart',
      'gives the same right requests for every cut of the bytes',
      'finds the faults of one request in the order of the assignment',
      'knows in each state what the end of the bytes means',
      'announces each header section once, before its content, with the length to come',
      'reads content that it drops to its end, within its limit, and keeps that of the next request',
    ],
  },
  {
    name: 'no-ipv6',
    what: 'knows no host in brackets',
    task: '2.1',
    edits: [
      edit(
        'host.ts',
        'if (literal !== undefined) return isIPv6(literal)',
        'if (literal !== undefined) return false',
      ),
    ],
    fails: ['knows a host when it sees one'],
  },
  {
    name: 'method-of-no-letters',
    what: 'takes a request line without a method for one with an empty method',
    task: '2.1',
    edits: [edit('request-line.ts', '    methodEnd === start ||\n', '')],
    fails: ['finds the same fault for every cut of the bytes, and keeps the requests before it'],
  },
  {
    name: 'end-comes-early',
    what: 'calls a request incomplete that it has kept unread, and has whole',
    task: '2.1',
    edits: [
      edit(
        'request-parser.ts',
        'if (this.#bytes !== undefined || isBetween) return',
        'if (this.#bytes === undefined && isBetween) return',
      ),
    ],
    fails: ['means by the end the end of all bytes, those that it keeps unread included'],
  },
  {
    name: 'end-is-forgotten',
    what: 'looks at the end once, when bytes were still unread',
    task: '2.1',
    edits: [edit('request-parser.ts', '      if (this.#ended) this.#checkEnd()\n', '')],
    fails: ['means by the end the end of all bytes, those that it keeps unread included'],
  },
  {
    name: 'copies-all-again',
    what: 'copies what it has kept with every read',
    task: '2.1',
    edits: [
      edit('byte-buffer.ts', 'Math.max(length, FIRST_BYTES, 2 * (room?.length ?? 0))', 'length'),
    ],
    fails: [
      'spends the same on each byte of a long header section as on one of a short one',
      'spends the same on each byte of a long line as on one of a short one',
      'spends the same on each byte of long content as on one of short content',
    ],
  },
  {
    name: 'copies-the-rest',
    what: 'copies what comes after each request',
    task: '2.1',
    edits: [
      edit(
        'request-parser.ts',
        '      if (request !== undefined) return request\n',
        '      if (request !== undefined) {\n        this.#bytes &&= Buffer.from(this.#bytes.subarray(this.#at))\n        this.#at = 0\n        return request\n      }\n',
      ),
    ],
    fails: ['spends the same on each of many requests in one push as on each of a few'],
  },
  {
    name: 'space-before-colon',
    what: 'lets white space stand before the colon',
    task: '2.1',
    edits: [
      edit(
        'field-lines.ts',
        '    if (nameEnd === at || bytes[nameEnd] !== COLON)',
        '    while (isOws(bytes[nameEnd])) nameEnd++\n    if (nameEnd === at || bytes[nameEnd] !== COLON)',
      ),
    ],
    fails: [
      'finds the same fault for every cut of the bytes, and keeps the requests before it',
      'serves and refuses over the socket what it serves and refuses in one push, however it is cut',
    ],
  },
  {
    name: 'cr-ends-a-line',
    what: 'takes a CR for the end of a field line, whatever follows it',
    task: '2.1',
    edits: [edit('field-lines.ts', ' && bytes[at + 1] === LF', ' && bytes[at + 1] !== undefined')],
    fails: ['finds the same fault for every cut of the bytes, and keeps the requests before it'],
  },
  {
    name: 'drops-requests-before-a-fault',
    what: 'forgets the requests of a push in which a later one is bad',
    task: '2.1',
    edits: [
      edit(
        'request-parser.ts',
        '      if (request === undefined) break\n      requests.push',
        '      if (request === undefined) {\n        if (this.#error !== undefined) requests.length = 0\n        break\n      }\n      requests.push',
      ),
    ],
    fails: [
      'keeps the first fault, and returns the requests before it',
      'finds the same fault for every cut of the bytes, and keeps the requests before it',
      'takes a fault that is thrown while it announces a header section for its own',
    ],
  },
  {
    name: 'length-in-32-bits',
    what: 'keeps 32 bits of a Content-Length',
    task: '2.1',
    edits: [
      edit('framing.ts', 'const bytes = Number(length)\n', 'const bytes = Number(length) >>> 0\n'),
    ],
    fails: ['reads lengths without losing a digit'],
  },
  {
    name: 'end-in-content',
    what: 'takes FIN in the middle of content for no fault',
    task: '2.1',
    edits: [
      edit(
        'request-parser.ts',
        '|| isBetween) return',
        "|| isBetween || this.#part === 'content') return",
      ),
    ],
    fails: ['knows in each state what the end of the bytes means'],
  },
  {
    name: 'drops-for-ever',
    what: 'drops the content of the next request, too',
    task: '2.1',
    edits: [
      edit(
        'request-parser.ts',
        '    this.#request = request\n    this.#dropping = false\n',
        '    this.#request = request\n',
      ),
    ],
    fails: [
      'reads content that it drops to its end, within its limit, and keeps that of the next request',
    ],
  },
  {
    name: 'fields-leak',
    what: 'lets the authority of one request stay in the fields of the next',
    task: '2.1',
    edits: [
      edit(
        'request-parser.ts',
        'new Map(section.headers)',
        '(section.headers as Map<string, string>)',
      ),
    ],
    fails: ['gives the same right requests for every cut of the bytes'],
  },
  {
    name: 'error-in-the-last-push-only',
    what: 'goes on after a fault',
    task: '2.1',
    edits: [
      edit(
        'request-parser.ts',
        'bytes.length === 0 || this.#error !== undefined',
        'bytes.length === 0',
      ),
    ],
    fails: [
      'keeps the first fault, and returns the requests before it',
      'finds the same fault for every cut of the bytes, and keeps the requests before it',
      'lets a request of exactly each limit pass, and not one byte more',
      'does not wait for the end of what is too long already',
      'finds the faults of one request in the order of the assignment',
      'returns nothing after a fault, and keeps the first one',
      'takes a fault that is thrown while it announces a header section for its own',
      'reads content that it drops to its end, within its limit, and keeps that of the next request',
    ],
  },
  // 2.2
  {
    name: 'size-in-32-bits',
    what: 'keeps 32 bits of a chunk size',
    task: '2.2',
    edits: [
      edit(
        'chunked.ts',
        'const size = Number.parseInt(digits, 16)',
        'const size = Number.parseInt(digits, 16) >>> 0',
      ),
    ],
    fails: ['adds sizes up without losing a digit'],
  },
  {
    name: 'lenient-size',
    what: 'reads chunk sizes as parseInt does',
    task: '2.2',
    edits: [
      edit(
        'chunked.ts',
        '/^0*([0-9A-Fa-f]{1,16})(?:',
        '/^ *[+]?(?:0[xX])?0*([0-9A-Fa-f]{1,16})(?:',
      ),
    ],
    fails: [
      'answers 400 to a size that is no hexadecimal number',
      'finds the same fault for every cut, whatever breaks the framing',
    ],
  },
  {
    name: 'any-number-of-digits',
    what: 'has no limit on the digits of a chunk size',
    task: '2.2',
    edits: [edit('chunked.ts', '{1,16}', '{1,}')],
    fails: ['adds sizes up without losing a digit'],
  },
  {
    name: 'endless-chunk-line',
    what: 'has no limit on chunk extensions',
    task: '2.2',
    edits: [
      edit(
        'chunked.ts',
        'export const MAX_CHUNK_LINE_BYTES = 4096',
        'export const MAX_CHUNK_LINE_BYTES = 1_000_000',
      ),
    ],
    fails: ['holds chunk lines and the trailer section to their limits, exactly'],
  },
  {
    name: 'endless-trailers',
    what: 'has no limit on the trailer section',
    task: '2.2',
    edits: [
      edit(
        'chunked.ts',
        'readSection(bytes, at, this.#limits.maxHeaderBytes)',
        'readSection(bytes, at, 1_000_000)',
      ),
    ],
    fails: [
      'holds chunk lines and the trailer section to their limits, exactly',
      'refuses over the socket what the decoder refuses',
    ],
  },
  {
    name: 'counts-what-came',
    what: 'counts chunks when they have come, not when they are announced',
    task: '2.2',
    edits: [
      edit(
        'chunked.ts',
        'if (this.#total > this.#limits.maxContentBytes)',
        'if (this.#total - this.#left > this.#limits.maxContentBytes)',
      ),
    ],
    fails: [
      'adds sizes up without losing a digit',
      'refuses content when the sizes add up to more than the limit, before it reads the chunk that goes too far',
      'holds content that no handler wants to its framing and its limit',
      'refuses over the socket what the decoder refuses',
    ],
  },
  {
    name: 'two-lengths',
    what: 'goes by Transfer-Encoding where Content-Length says something else',
    task: '2.2',
    edits: [
      edit(
        'framing.ts',
        "    if (length !== undefined) throw new RequestError('AMBIGUOUS_LENGTH')\n",
        '',
      ),
    ],
    fails: [
      'answers 400 to Transfer-Encoding beside Content-Length',
      'knows which lists of codings it can read',
    ],
  },
  {
    name: 'any-coding-before-chunked',
    what: 'takes every list of codings that ends in chunked',
    task: '2.2',
    edits: [edit('framing.ts', 'if (codings.length > 1 || chunked === -1)', 'if (chunked === -1)')],
    fails: ['knows which lists of codings it can read'],
  },
  {
    name: 'lf-after-data',
    what: 'takes LF alone for the end of a chunk',
    task: '2.2',
    edits: [
      edit(
        'chunked.ts',
        "if (end - start !== '\\r\\n'.length)",
        "if (end - start > '\\r\\n'.length)",
      ),
    ],
    fails: [
      'finds the same fault for every cut, whatever breaks the framing',
      'holds content that no handler wants to its framing and its limit',
    ],
  },
  // 2.3
  {
    name: 'time-from-byte-to-byte',
    what: 'begins its patience anew with each read',
    task: '2.3',
    edits: [
      edit(
        'connection.ts',
        'if (this.#parser.state !== before) this.#waitForMore()',
        'this.#waitForMore()',
      ),
    ],
    fails: [
      'answers 408 when a header section does not come to its end',
      'answers 408 when content does not come to its end, however often bytes come',
      'answers 408 to a request line that does not come to its end',
    ],
  },
  {
    name: 'time-from-the-connection',
    what: 'counts the time of a header section from the beginning of the connection',
    task: '2.3',
    edits: [
      edit(
        'connection.ts',
        'if (this.#parser.state !== before) this.#waitForMore()',
        "if (this.#parser.state !== before && this.#parser.state !== 'head') this.#waitForMore()",
      ),
      edit(
        'connection.ts',
        'this.#wait(this.#settings.HEADER_TIMEOUT_MS, () => this.#socket.destroy())',
        "this.#wait(this.#settings.HEADER_TIMEOUT_MS, () => this.#parser.state === 'idle' ? void this.#socket.destroy() : this.#refuse(new RequestError('REQUEST_TIMEOUT')))",
      ),
    ],
    fails: ['counts the patience for a header section from its first byte'],
    // They send at once after they have connected: a few milliseconds too soon is all that shows.
    mayFail: [
      'answers 408 to a request line that does not come to its end',
      'answers 408 when a header section does not come to its end',
    ],
  },
  {
    name: 'closes-at-once',
    what: 'closes the socket as soon as its answer is written',
    task: '2.3',
    edits: [
      edit(
        'connection.ts',
        "    this.#phase = 'closing'\n    this.#socket.end()\n",
        "    this.#phase = 'closing'\n    return this.#socket.destroySoon()\n",
      ),
    ],
    fails: [
      'loses nothing of a refusal while the client goes on sending',
      'reads on while a client that it has answered still sends',
    ],
  },
  {
    name: 'loses-the-last-piece',
    what: 'drops the last 64 KiB of content that is longer',
    task: '2.3',
    edits: [
      edit(
        'response-writer.ts',
        'start < content.length; start',
        'start + PIECE_BYTES < content.length; start',
      ),
    ],
    fails: ['takes 1 MiB of content when nobody sets a limit, and gives it back whole'],
  },
  {
    name: 'no-fin',
    what: 'sends no FIN after its answer, and lets the 2 s of silence end the connection',
    task: '2.3',
    edits: [
      edit(
        'connection.ts',
        '    this.#socket.end()\n    this.#lingerUntil',
        '    this.#lingerUntil',
      ),
    ],
    fails: ['sends FIN right behind its answer'],
  },
  {
    name: 'endless-patience',
    what: 'never gives up a client that has its answer and does not close',
    task: '2.3',
    edits: [
      edit(
        'connection.ts',
        '    this.#lingerUntil = performance.now() + LINGER_MS\n    this.#linger()\n',
        '',
      ),
      edit('connection.ts', '    else this.#linger()\n', ''),
    ],
    fails: ['gives up a client that does not close'],
  },
  {
    name: 'drops-without-end',
    what: 'drops what a client sends after its answer for as long as it sends',
    task: '2.3',
    edits: [edit('connection.ts', 'if (this.#droppedBytes > LINGER_BYTES)', 'if (false)')],
    fails: ['gives up a client that sends on without end'],
  },
  {
    name: 'two-seconds-in-all',
    what: 'gives a client that still sends two seconds in all, not two seconds of silence',
    task: '2.3',
    edits: [edit('connection.ts', '    else this.#linger()\n', '')],
    fails: ['reads on while a client that it has answered still sends'],
  },
  {
    name: 'continue-to-everybody',
    what: 'sends 100 Continue to clients that did not ask for it, those of HTTP/1.0 among them',
    task: '2.3',
    edits: [
      edit('connection.ts', "return members.length > 0 && version === 'HTTP/1.1'", 'return true'),
    ],
    fails: ['says no 100 where nobody waits for it'],
  },
  {
    name: 'continue-without-content',
    what: 'says 100 to clients that have nothing to send',
    task: '2.3',
    edits: [
      edit('connection.ts', 'if (wantsContinue && contentLength !== 0)', 'if (wantsContinue)'),
    ],
    fails: ['says no 100 where nobody waits for it'],
  },
  {
    name: 'continue-first',
    what: 'says 100 before it has looked whether it will serve the request',
    task: '2.3',
    edits: [
      edit(
        'connection.ts',
        "    if (!knownMethods.has(request.method)) throw new RequestError('UNKNOWN_METHOD')",
        "    if (request.headers.get('expect')?.toLowerCase() === '100-continue' && request.version === 'HTTP/1.1' && contentLength !== 0) this.#socket.write('HTTP/1.1 100 Continue\\r\\n\\r\\n')\n    if (!knownMethods.has(request.method)) throw new RequestError('UNKNOWN_METHOD')",
      ),
      edit(
        'connection.ts',
        'if (wantsContinue && contentLength !== 0)',
        'if (wantsContinue && contentLength !== 0 && false)',
      ),
    ],
    fails: ['refuses what it will not serve without asking for its content'],
  },
  {
    name: 'answers-silence',
    what: 'answers 408 to a client that has said nothing',
    task: '2.3',
    edits: [
      edit(
        'connection.ts',
        'this.#wait(this.#settings.HEADER_TIMEOUT_MS, () => this.#socket.destroy())',
        "this.#wait(this.#settings.HEADER_TIMEOUT_MS, () => this.#refuse(new RequestError('REQUEST_TIMEOUT')))",
      ),
    ],
    fails: [
      'closes without a word on a client that says nothing',
      'gives content a time of its own',
      'lets no timer for reading run while it answers',
      'waits without end where a timeout is 0',
    ],
  },
  {
    name: 'one-time-for-all',
    what: 'gives content no time of its own',
    task: '2.3',
    edits: [
      edit(
        'connection.ts',
        'if (this.#parser.state !== before) this.#waitForMore()',
        "if (before === 'idle') this.#waitForMore()",
      ),
    ],
    fails: ['gives content a time of its own'],
  },
  {
    name: 'timer-runs-on',
    what: 'lets the timer for reading run while it answers',
    task: '2.3',
    edits: [
      edit(
        'connection.ts',
        "    this.#phase = 'answering'\n    clearTimeout(this.#timer)\n    const response",
        "    this.#phase = 'answering'\n    const response",
      ),
    ],
    fails: ['lets no timer for reading run while it answers'],
  },
  {
    name: 'zero-is-at-once',
    what: 'takes a timeout of 0 for no patience at all',
    task: '2.3',
    edits: [
      edit(
        'connection.ts',
        'timeoutMs === 0 ? undefined : setTimeout(then, timeoutMs)',
        'setTimeout(then, timeoutMs)',
      ),
    ],
    fails: ['waits without end where a timeout is 0'],
  },
  {
    name: 'fin-is-the-end',
    what: 'closes when the client has ended its direction',
    task: '2.3',
    edits: [edit('server.ts', 'allowHalfOpen: true', 'allowHalfOpen: false')],
    fails: ['serves a client that ends first, and refuses one that is cut off'],
  },
  {
    name: 'size-before-route',
    what: 'looks at the length before it looks at the route',
    task: '2.3',
    edits: [
      edit(
        'connection.ts',
        '    const { route, params } = this.#find(request)\n    route.check',
        "    if ((contentLength ?? 0) > this.#settings.MAX_CONTENT_BYTES) throw new RequestError('CONTENT_TOO_LARGE')\n    const { route, params } = this.#find(request)\n    route.check",
      ),
    ],
    fails: [
      'finds the first fault of several, in the order of the assignment',
      'loses nothing of a refusal while the client goes on sending',
    ],
  },
  // 2.4
  {
    name: 'decodes-then-splits',
    what: 'decodes a path before it splits it',
    task: '2.4',
    edits: [
      edit(
        'router.ts',
        "const segments = path.split('/')\n  return path.includes('%') ? segments.map(decode) : segments",
        "return decode(path).split('/')",
      ),
    ],
    fails: [
      'keeps an escaped slash in its segment',
      'gives parameters to handlers, decoded',
      'compares segments exactly, after one decoding',
      'decodes parameters once, and takes any segment that is not empty',
      'does over the socket what it does alone',
    ],
  },
  {
    name: 'decodes-twice',
    what: 'decodes segments twice',
    task: '2.4',
    edits: [
      edit(
        'router.ts',
        'segments.map(decode)',
        'segments.map((segment) => decode(decode(segment)))',
      ),
    ],
    fails: [
      'compares segments exactly, after one decoding',
      'decodes parameters once, and takes any segment that is not empty',
    ],
  },
  {
    name: 'no-way-back',
    what: 'stays with the first route that begins in the same way',
    task: '2.4',
    edits: [
      edit(
        'router.ts',
        '      if (params === undefined) continue\n',
        '      const begins = [1, 2].every((at) => segments[at] !== undefined && route.segments[at]?.isParameter === false && route.segments[at].text === segments[at])\n      if (params === undefined && begins) break\n      if (params === undefined) continue\n',
      ),
    ],
    fails: ['goes on looking when a route fits only at its beginning'],
  },
  {
    name: 'drops-parameters',
    what: 'finds the route and drops its parameters',
    task: '2.4',
    edits: [edit('router.ts', '    if (isParameter) params[text] = segment\n', '')],
    fails: [
      'finds routes by their parameters',
      'keeps an escaped slash in its segment',
      'gives parameters to handlers, decoded',
      'decodes parameters once, and takes any segment that is not empty',
      'gives no parameters but those of the pattern, in its order',
      'goes on looking when a route fits only at its beginning',
      'finds of two routes the one that was added first',
      'looks for the method among all routes that have the path',
      'serves HEAD by the route of GET, unless it has its own',
      'does over the socket what it does alone',
    ],
  },
  {
    name: 'last-name-wins',
    what: 'lets a later pattern rename the parameters of an earlier one',
    task: '2.4',
    edits: [
      edit(
        'router.ts',
        '    this.#routes.push({ method,',
        '    for (const [at, segment] of parsePattern(pattern).entries()) {\n      for (const { segments } of this.#routes) {\n        const other = segments[at] as { isParameter: boolean; text: string } | undefined\n        if (other?.isParameter && segment.isParameter) other.text = segment.text\n      }\n    }\n    this.#routes.push({ method,',
      ),
    ],
    fails: [
      'gives parameters to handlers, decoded',
      'gives no parameters but those of the pattern, in its order',
      'looks for the method among all routes that have the path',
      'serves HEAD by the route of GET, unless it has its own',
      'does over the socket what it does alone',
    ],
  },
  {
    name: 'empty-parameters',
    what: 'takes an empty segment for a parameter',
    task: '2.4',
    edits: [
      edit(
        'router.ts',
        "isParameter ? segment === '' : segment !== text",
        'isParameter ? false : segment !== text',
      ),
    ],
    fails: [
      'finds routes by their parameters',
      'decodes parameters once, and takes any segment that is not empty',
      'does over the socket what it does alone',
    ],
  },
  {
    name: 'forgiving-slash',
    what: 'forgives a slash at the end',
    task: '2.4',
    edits: [
      edit(
        'router.ts',
        "const segments = path.split('/')\n",
        "const segments = path.replace(/(.)\\/$/, '$1').split('/')\n",
      ),
    ],
    fails: [
      'compares segments exactly, after one decoding',
      'does over the socket what it does alone',
    ],
  },
  {
    name: 'first-path-only',
    what: 'answers 405 by the first route that has the path',
    task: '2.4',
    edits: [
      edit(
        'router.ts',
        '      allow.add(route.method)\n',
        '      allow.add(route.method)\n      break\n',
      ),
    ],
    fails: [
      'looks for the method among all routes that have the path',
      'serves HEAD by the route of GET, unless it has its own',
    ],
  },
  // 2.5
  {
    name: 'work-blocks',
    what: 'burns the 100 ms of /work',
    task: '2.5',
    edits: [
      edit(
        'handlers.ts',
        '  await wait(WORK_MS)\n',
        '  for (const end = Date.now() + WORK_MS; Date.now() < end; );\n',
      ),
    ],
    fails: [
      'serves 100 clients of /work at once, not one after the other',
      'answers others while a handler waits',
      'lets 100 clients of /work wait together, not a few at a time',
    ],
  },
  {
    name: 'eight-at-a-time',
    what: 'lets eight clients of /work wait at once, and the others until one of them is done',
    task: '2.5',
    edits: [
      edit(
        'handlers.ts',
        '  await wait(WORK_MS)\n',
        '  const turn = turns[next++ % 8]!\n  await (turn.last = turn.last.then(() => wait(WORK_MS)))\n',
      ),
      edit(
        'handlers.ts',
        '/** `GET /work`: waits',
        'const turns = Array.from({ length: 8 }, () => ({ last: Promise.resolve() }))\nlet next = 0\n\n/** `GET /work`: waits',
      ),
    ],
    fails: ['lets 100 clients of /work wait together, not a few at a time'],
  },
  {
    name: 'forgets-to-await',
    what: 'does not await what a handler promises',
    task: '2.5',
    edits: [edit('connection.ts', 'return await route.handler(', 'return route.handler(')],
    fails: ['answers 500 whatever a handler throws, and however'],
  },
  {
    name: 'tells-the-stack',
    what: 'sends the stack of an error to the client',
    task: '2.5',
    edits: [
      edit(
        'connection.ts',
        "      return errorResponse(new RequestError('INTERNAL_ERROR', { cause: error }))",
        "      return { status: 500, headers: { 'Content-Type': 'text/plain; charset=utf-8' }, content: error instanceof Error ? (error.stack ?? '') : String(error) }",
      ),
    ],
    fails: [
      'survives a thousand failures, and tells nobody why',
      'answers 500 whatever a handler throws, and however',
    ],
  },
  {
    name: 'any-number',
    what: 'takes for a number what Number takes',
    task: '2.5',
    edits: [
      edit(
        'handlers.ts',
        "/^[0-9]+$/.test(digits ?? '') ? Number(digits) : Infinity\n  if (number > max)",
        'Math.trunc(Number(digits))\n  if (!(number >= 0 && number <= max))',
      ),
    ],
    fails: [
      'serves the routes of the table',
      'takes numbers as decimal digits in their range, and refuses all else',
    ],
  },
  {
    name: 'one-date-for-all',
    what: 'makes the text of Date once, and says it ever after',
    task: '2.5',
    edits: [edit('response-writer.ts', 'if (second !== dateSecond)', 'if (dateSecond === -1)')],
    fails: ['says in Date when each answer was made'],
  },
  // 2.6
  {
    name: 'computes-on-the-loop',
    what: 'computes on the event loop',
    task: '2.6',
    edits: [
      edit(
        'handlers.ts',
        'value: await pool.run(n, client.gone) })',
        'value: client.gone.aborted || pool.waiting ? 0 : recursion(n) })',
      ),
      edit(
        'handlers.ts',
        '/** `GET /fail`',
        'function recursion(n: number): number {\n  return n < 2 ? n : recursion(n - 1) + recursion(n - 2)\n}\n\n/** `GET /fail`',
      ),
    ],
    fails: [
      'answers others while it computes',
      'lets as many wait as it should by default, and refuses one more with 503',
      'lets as many wait as it was told',
      'answers others at once while it computes and many wait',
      'computes nothing for clients that have left',
    ],
  },
  {
    name: 'one-place-less',
    what: 'lets one fewer wait than it may',
    task: '2.6',
    edits: [
      edit(
        'cpu-pool.ts',
        'this.#waiting.size > this.#options.maxQueue',
        'this.#waiting.size >= this.#options.maxQueue',
      ),
    ],
    fails: [
      'runs as many jobs as it has workers, lets a few wait, and refuses the rest',
      'gives the next job the place that is free again, and counts to the limit exactly',
      'drops a job whose client has left, and gives its place back at once',
      'lets as many wait as it should by default, and refuses one more with 503',
      'lets as many wait as it was told',
    ],
  },
  {
    name: 'endless-queue',
    what: 'lets everybody wait',
    task: '2.6',
    edits: [
      edit(
        'cpu-pool.ts',
        'this.#waiting.size > this.#options.maxQueue',
        'this.#waiting.size > 1_000_000',
      ),
    ],
    fails: [
      'runs as many jobs as it has workers, lets a few wait, and refuses the rest',
      'gives the next job the place that is free again, and counts to the limit exactly',
      'lets as many wait as it should by default, and refuses one more with 503',
      'lets as many wait as it was told',
    ],
  },
  {
    name: 'computes-for-nobody',
    what: 'computes for clients that have left',
    task: '2.6',
    edits: [
      edit('cpu-pool.ts', '    if (signal !== undefined) this.#dropOnAbort(job, signal)\n', ''),
    ],
    fails: [
      'drops a job whose client has left, and gives its place back at once',
      'computes nothing for clients that have left',
    ],
  },
  {
    name: 'fin-is-leaving',
    what: 'takes FIN for leaving',
    task: '2.6',
    edits: [
      edit(
        'connection.ts',
        "    if (this.#phase !== 'reading') return\n    this.#parser.end()",
        "    if (this.#phase !== 'reading') return this.#gone?.abort()\n    this.#parser.end()",
      ),
    ],
    fails: ['does not mistake FIN for leaving'],
  },
  {
    name: 'last-come-first-served',
    what: 'begins the newest job first',
    task: '2.6',
    edits: [
      edit(
        'cpu-pool.ts',
        'for (const job of this.#waiting) {\n      let worker',
        'for (const job of [...this.#waiting].reverse()) {\n      let worker',
      ),
    ],
    fails: [
      'runs no more jobs at once than it may, and begins them in their order',
      'drops a job whose client has left, and gives its place back at once',
    ],
  },
  {
    name: 'posts-to-the-dead',
    what: 'gives work to a worker that died while it was idle',
    task: '2.6',
    edits: [edit('cpu-pool.ts', '    if (place !== -1) this.#idle.splice(place, 1)\n', '')],
    fails: ['replaces a worker that dies while it has nothing to do'],
  },
  {
    name: 'mourns',
    what: 'does not replace a worker that died',
    task: '2.6',
    edits: [edit('cpu-pool.ts', '    this.#jobs.delete(worker)\n', '')],
    fails: [
      'loses one job with a worker that dies, and goes on with another',
      'replaces a worker that dies while it has nothing to do',
    ],
  },
  {
    name: 'holds-the-exit',
    what: 'lets its workers hold the exit',
    task: '2.6',
    edits: [edit('cpu-pool.ts', '    worker.unref()\n', '')],
    fails: ['holds the exit of no process with work that nobody waits for'],
  },
  // 2.7
  {
    name: 'no-backpressure',
    what: 'writes without waiting',
    task: '2.7',
    edits: [
      edit(
        'response-writer.ts',
        '  socket.write(bytes, () => resolve())\n',
        '  socket.write(Buffer.from(bytes))\n  setImmediate(resolve)\n',
      ),
      edit(
        'connection.ts',
        '    this.#linger()\n  }\n\n  #linger',
        "    this.#socket.once('finish', () => this.#linger())\n  }\n\n  #linger",
      ),
    ],
    fails: [
      'keeps its memory while clients read nothing',
      'keeps its memory while many read nothing, and frees everything when they leave',
      'gives up on a client that takes nothing, and not too soon',
      'gives up on a client that takes nothing, however often it sends',
      'asks a stream for no more than the client takes, and ends it when the client leaves',
    ],
  },
  {
    name: 'forgets-the-stream',
    what: 'does not end the stream of a client that left',
    task: '2.7',
    edits: [edit('response-writer.ts', "  socket.once('close', stop)\n", '')],
    fails: [
      'ends a stream whose client leaves while the next piece is being made, and keeps no timer',
    ],
  },
  {
    name: 'ends-quietly',
    what: 'ends a broken answer as it ends a whole one',
    task: '2.7',
    edits: [
      edit(
        'response-writer.ts',
        '    socket.resetAndDestroy()\n    throw error',
        '    throw error',
      ),
    ],
    fails: ['resets the connection when a stream fails, or is not as long as it said'],
  },
  {
    name: 'one-time-for-the-answer',
    what: 'gives the whole answer WRITE_TIMEOUT_MS',
    task: '2.7',
    edits: [
      edit(
        'response-writer.ts',
        '  const content = contentOf(response)\n',
        '  const content = contentOf(response)\n  if (options.timeoutMs > 0) setTimeout(() => socket.destroy(), options.timeoutMs).unref()\n',
      ),
    ],
    fails: ['serves a client that reads slowly to the end, however long that takes'],
  },
  {
    name: 'waits-for-ever',
    what: 'never gives up on a client that takes nothing',
    task: '2.7',
    edits: [
      edit(
        'response-writer.ts',
        'timeoutMs > 0 ? setTimeout(giveUp, timeoutMs) : undefined',
        'timeoutMs < 0 ? setTimeout(giveUp, timeoutMs) : undefined',
      ),
    ],
    fails: [
      'gives up on a client that takes nothing, and not too soon',
      'gives up on a client that takes nothing, however often it sends',
    ],
  },
  {
    name: 'keeps-timers',
    what: 'leaves its timers behind',
    task: '2.7',
    edits: [edit('response-writer.ts', '  clearTimeout(patience)\n', '')],
    fails: [
      'serves a client that reads slowly to the end, however long that takes',
      'ends a stream whose client leaves while the next piece is being made, and keeps no timer',
    ],
  },
  // 2.8
  {
    name: 'coordinated-omission',
    what: 'measures from the moment at which it got round to sending',
    task: '2.8',
    edits: [
      edit('load-tester.ts', 'connection.start(dueMs)', 'connection.start(performance.now())'),
    ],
    fails: [
      'sees what a closed loop leaves out: a server that stands still once',
      'lets requests wait for a connection, and counts the waiting',
    ],
  },
  {
    name: 'half-is-enough',
    what: 'counts a partial answer as a success',
    task: '2.8',
    edits: [
      edit(
        'load-connection.ts',
        "    this.#broken(socket, 'early-close')\n  }\n\n  #complete",
        "    this.#dropSocket()\n    if (this.#startMs !== undefined) this.#end('success')\n  }\n\n  #complete",
      ),
    ],
    fails: [
      'counts each way to fail by its kind, and goes on after each',
      'has latencies of successes alone',
    ],
  },
  {
    name: 'mean-for-median',
    what: 'reports the mean as p50',
    task: '2.8',
    edits: [
      edit(
        'load-tester.ts',
        'p50: this.#percentileMs(50)',
        'p50: this.#successes === 0 ? 0 : this.#latencyUs.mean / 1000',
      ),
      edit(
        'load-tester.ts',
        'p90: this.#percentileMs(90)',
        'p90: Math.max(this.#percentileMs(90), this.#successes === 0 ? 0 : this.#latencyUs.mean / 1000)',
      ),
    ],
    fails: ['sees both humps of a server that has two'],
  },
  {
    name: 'max-for-p99',
    what: 'reports the slowest of all as p99',
    task: '2.8',
    edits: [edit('load-tester.ts', 'this.#percentileMs(99)', 'this.#percentileMs(100)')],
    fails: ['tells p99 from the slowest answer, and from p90'],
  },
  {
    name: 'seconds-since-the-process-began',
    what: 'counts the seconds of a run from the beginning of the process',
    task: '2.8',
    edits: [edit('load-tester.ts', '(endMs - this.#beginMs) / 1000', 'endMs / 1000')],
    fails: ['counts the seconds of a run from its own beginning'],
  },
  {
    name: 'late-failures-take-time',
    what: 'counts the seconds to the last end of a request, were it a failure',
    task: '2.8',
    edits: [
      edit(
        'load-tester.ts',
        'asked === undefined ? this.#lastEndMs : this.#lastSuccessMs',
        'this.#lastEndMs',
      ),
    ],
    fails: ['takes no failure that comes late for a part of its seconds'],
  },
  {
    name: 'no-method',
    what: 'sends a request without a method when none is said',
    task: '2.8',
    edits: [
      edit(
        'load-tester.ts',
        "formatRequest({ url, method = 'GET', headers",
        "formatRequest({ url, method = '', headers",
      ),
    ],
    fails: ['sends the request that it is told to, and reads the answer to HEAD as one'],
  },
  {
    name: '299-is-a-failure',
    what: 'takes 200 to 298 for successes',
    task: '2.8',
    edits: [edit('load-tester.ts', 'status <= 299', 'status < 299')],
    fails: ['counts each way to fail by its kind, and goes on after each'],
  },
  {
    name: 'p90-for-p99',
    what: 'reports p90 as p99',
    task: '2.8',
    edits: [edit('load-tester.ts', 'this.#percentileMs(99)', 'this.#percentileMs(90)')],
    fails: ['tells p99 from the slowest answer, and from p90'],
  },
  {
    name: 'one-at-a-time',
    what: 'sends one request at a time, however many connections it is told to keep busy',
    task: '2.8',
    edits: [
      edit('load-tester.ts', '{ length: connections },', '{ length: Math.min(connections, 1) },'),
    ],
    fails: [
      'keeps all its connections busy at once',
      'opens as many connections as it is told, and uses them again',
      'keeps a connection of HTTP/1.0 that is kept alive',
      'starts requests on schedule, whether or not earlier ones are answered',
    ],
  },
  {
    name: 'never-again',
    what: 'opens a connection for each request',
    task: '2.8',
    edits: [
      edit(
        'load-connection.ts',
        'if (!this.#reader.persists) this.#dropSocket()',
        'this.#dropSocket()',
      ),
    ],
    fails: [
      'opens as many connections as it is told, and uses them again',
      'keeps a connection of HTTP/1.0 that is kept alive',
      'finds the end of every answer, however its bytes are cut',
      'lets requests wait for a connection, and counts the waiting',
    ],
  },
  {
    name: 'every-status-is-good',
    what: 'counts every complete answer as a success',
    task: '2.8',
    edits: [
      edit(
        'load-tester.ts',
        'expectedStatus === undefined ? status >= 200 && status <= 299 : status === expectedStatus',
        'expectedStatus === undefined || status > 0',
      ),
    ],
    fails: [
      'counts no failure as a success',
      'counts each way to fail by its kind, and goes on after each',
      'has latencies of successes alone',
      'sends the request that it is told to, and reads the answer to HEAD as one',
    ],
  },
  {
    name: 'failures-are-quick',
    what: 'counts the latency of failures',
    task: '2.8',
    edits: [
      edit(
        'load-tester.ts',
        '      this.#errors[outcome] += 1\n',
        '      this.#errors[outcome] += 1\n      this.#latencyUs.record(Math.max(1, Math.round(latencyMs * 1000)))\n',
      ),
    ],
    fails: ['has latencies of successes alone'],
  },
  {
    name: 'chunks-end-at-an-empty-line',
    what: 'its load tester takes the first empty line for the end of a chunked answer',
    task: '2.8',
    edits: [
      edit(
        'response-reader.ts',
        "        this.#place = this.#left === 0 ? 'trailer' : 'chunk'",
        "        this.#place = 'trailer'",
      ),
    ],
    fails: [
      'finds the end of every answer, however its bytes are cut',
      'takes bytes that are no HTTP answer for no success',
    ],
  },
  {
    name: 'a-chunk-is-as-long-as-its-line',
    what: 'its load tester reads over what stands in a chunk behind its size',
    task: '2.8',
    edits: [
      edit(
        'response-reader.ts',
        "if (line !== '') throw new InvalidAnswer('A chunk is longer than its size.')",
        '',
      ),
    ],
    fails: ['takes bytes that are no HTTP answer for no success'],
  },
  {
    name: 'the-last-field-wins',
    what: 'its load tester sees only the last of several fields with one name',
    task: '2.8',
    edits: [
      edit('response-reader.ts', 'before === undefined ? value : `${before}, ${value}`', 'value'),
      edit('response-reader.ts', 'const before = headers.get(name)', ''),
    ],
    fails: [
      'opens a connection for each request where the server closes each',
      'takes bytes that are no HTTP answer for no success',
    ],
  },
  {
    name: 'text-is-latin-1',
    what: 'sends a string as ISO-8859-1',
    task: '2.7',
    edits: [
      edit('response-writer.ts', "Buffer.from(content, 'utf8')", "Buffer.from(content, 'latin1')"),
    ],
    fails: ['sends what a handler gives: nothing, text as UTF-8, bytes as they are'],
  },
  {
    name: '304-has-content',
    what: 'waits for the content of a 304 that tells its length',
    task: '2.8',
    edits: [edit('response-reader.ts', ' || status === 304', '')],
    fails: ['sends the request that it is told to, and reads the answer to HEAD as one'],
  },
  {
    name: 'exit-0-is-fine',
    what: 'takes a worker that ends with code 0 for none that has died',
    task: '2.6',
    edits: [
      edit(
        'cpu-pool.ts',
        "worker.on('exit', (code) => this.#bury",
        "worker.on('exit', (code) => code !== 0 && this.#bury",
      ),
    ],
    fails: ['loses one job with a worker that dies, and goes on with another'],
  },
  {
    name: 'idle-workers-stay',
    what: 'ends the workers that compute when the pool is closed, and leaves the others',
    task: '2.6',
    edits: [
      edit(
        'cpu-pool.ts',
        '[...this.#jobs.keys()].map((worker)',
        '[...this.#jobs].flatMap(([worker, job]) => (job === undefined ? [] : [worker])).map((worker)',
      ),
    ],
    fails: ['ends everything when it is closed'],
  },
  {
    name: 'drips-are-progress',
    what: 'takes whatever a client sends for a sign that it reads',
    task: '2.7',
    edits: [
      edit(
        'response-writer.ts',
        'const patience = timeoutMs > 0 ? setTimeout(giveUp, timeoutMs) : undefined\n',
        'socket.setTimeout(timeoutMs, giveUp)\n',
      ),
      edit('response-writer.ts', '  clearTimeout(patience)\n', '  socket.setTimeout(0)\n'),
    ],
    fails: ['gives up on a client that takes nothing, however often it sends'],
  },
  {
    name: 'unknown-lengths-end-well',
    what: 'ends content of unknown length with FIN, also when it fails',
    task: '2.7',
    edits: [
      edit(
        'response-writer.ts',
        '    socket.resetAndDestroy()\n    throw error',
        '    if (content.length !== undefined) socket.resetAndDestroy()\n    throw error',
      ),
    ],
    fails: ['resets the connection when a stream fails, or is not as long as it said'],
  },
  {
    name: 'makes-content-for-head',
    what: 'makes the content of a HEAD, and drops it',
    task: '2.7',
    edits: [
      edit(
        'response-writer.ts',
        '  if (options.withoutContent || !hasContent(response.status)) {\n',
        '  if (options.withoutContent || !hasContent(response.status)) {\n    if (!(content instanceof Uint8Array)) for await (const piece of content) void piece\n',
      ),
    ],
    fails: ['makes no piece of content for HEAD'],
  },
  {
    name: 'fields-in-utf-8',
    what: 'decodes field lines as UTF-8',
    task: '2.1',
    edits: [
      edit(
        'field-lines.ts',
        "bytes.toString('latin1', start, end)",
        "bytes.toString('utf8', start, end)",
      ),
    ],
    fails: ['gives the same right requests for every cut of the bytes'],
  },
  {
    name: 'patience-without-content',
    what: 'gives content no time at all where its timeout is 0',
    task: '2.3',
    edits: [
      edit(
        'connection.ts',
        '? HEADER_TIMEOUT_MS : BODY_TIMEOUT_MS, ()',
        '? HEADER_TIMEOUT_MS : BODY_TIMEOUT_MS || 1, ()',
      ),
    ],
    fails: ['waits without end where a timeout is 0'],
  },
]
