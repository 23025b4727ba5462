/**
 * Believable servers of level 3, each of them wrong in one thing and right in everything else.
 *
 * What a case cannot see is not here: memory, places, the end of the process, what a client's reset does.
 */
import type { BrokenServer as Broken } from '../../kit/bug-hunt.ts'
import type { Edit } from '../../kit/edited.ts'

export const categories = [
  'connections',
  'pipelining',
  'routing',
  'files',
  'conditions',
  'ranges',
  'refusing',
] as const
export type Category = (typeof categories)[number]

export interface BrokenServer extends Broken {
  readonly category: Category
}

type Unsorted = Omit<BrokenServer, 'category'>

function edit(file: string, find: string, replace: string): Edit {
  return { file: file.includes('/') ? file : `level3/${file}`, find, replace }
}

const connections: readonly Unsorted[] = [
  {
    name: 'keep-alive-on-request',
    what: 'keeps the connection open only when the request says keep-alive',
    edits: [
      edit(
        'persistence.ts',
        "if (options === undefined) return version === 'HTTP/1.1'",
        'if (options === undefined) return false',
      ),
    ],
  },
  {
    name: 'connection-as-one-value',
    what: 'takes Connection for one value: "close, x" is not close',
    edits: [
      edit(
        'persistence.ts',
        "if (members.includes('close')) return false",
        "if (options.toLowerCase() === 'close') return false",
      ),
    ],
  },
  {
    name: 'close-by-case',
    what: 'knows "close" in small letters only',
    edits: [
      edit(
        'persistence.ts',
        "if (members.includes('close')) return false",
        "if (members.includes('close') && options.includes('close')) return false",
      ),
    ],
  },
  {
    name: 'close-in-passing',
    what: 'closes when "close" stands anywhere in Connection',
    edits: [
      edit(
        'persistence.ts',
        "if (members.includes('close')) return false",
        "if (options.toLowerCase().includes('close')) return false",
      ),
    ],
  },
  {
    name: 'old-clients-close',
    what: 'closes after HTTP/1.0, even if it asks for keep-alive',
    edits: [
      edit(
        'persistence.ts',
        "return version === 'HTTP/1.1' || members.includes('keep-alive')",
        "return version === 'HTTP/1.1'",
      ),
    ],
  },
  {
    name: 'old-clients-stay',
    what: 'keeps the connection of an HTTP/1.0 client open without being asked',
    edits: [
      edit(
        'persistence.ts',
        "if (options === undefined) return version === 'HTTP/1.1'",
        'if (options === undefined) return true',
      ),
    ],
  },
  {
    name: 'silent-keep-alive',
    what: 'does not tell an HTTP/1.0 client that the connection stays',
    edits: [
      edit(
        'answer-writer.ts',
        "isLast ? 'close' : request?.version === 'HTTP/1.0' ? 'keep-alive' : undefined",
        "isLast ? 'close' : undefined",
      ),
    ],
  },
  {
    name: 'silent-close',
    what: 'closes without saying so',
    edits: [edit('answer-writer.ts', "isLast ? 'close' : request", 'isLast ? undefined : request')],
  },
  {
    name: 'closes-after-404',
    what: 'closes after 404',
    edits: [edit('errors.ts', 'new Set([400, 408', 'new Set([404, 400, 408')],
  },
  {
    name: 'closes-after-405',
    what: 'closes after 405',
    edits: [edit('errors.ts', 'new Set([400, 408', 'new Set([405, 400, 408')],
  },
  {
    name: 'closes-after-500',
    what: 'closes after a handler has thrown',
    edits: [edit('errors.ts', 'new Set([400, 408', 'new Set([500, 400, 408')],
  },
  {
    name: 'closes-after-412-and-416',
    what: 'closes after 412 and 416',
    edits: [edit('errors.ts', 'new Set([400, 408', 'new Set([412, 416, 400, 408')],
  },
  {
    name: 'open-after-501',
    what: 'stays open after 501',
    edits: [edit('errors.ts', '431, 501, 505', '431, 505')],
  },
  {
    name: 'hangs-up-on-fin',
    what: 'closes when the client ends its direction, before the answer',
    edits: [
      edit('server.ts', 'allowHalfOpen: true', 'allowHalfOpen: false'),
      edit(
        'connection.ts',
        '    this.#parser.end()\n    this.#read(NOTHING)',
        '    this.#socket.destroy()',
      ),
    ],
  },
  {
    name: 'resets',
    what: 'resets the connection behind its last answer',
    edits: [
      edit('connection.ts', '    tearDown(this.#socket)', '    this.#socket.resetAndDestroy()'),
    ],
  },
  {
    name: 'content-after-head',
    what: 'sends the content to HEAD',
    edits: [
      edit(
        'answer-writer.ts',
        "if (line?.method === 'HEAD' || hasNoContent(status)) {",
        'if (hasNoContent(status)) {',
      ),
    ],
  },
  {
    name: 'unread-content',
    what: 'takes content that no handler reads for the next request',
    edits: [
      edit(
        'level2/request-parser.ts',
        '    this.#left = length ?? 0\n    this.#hooks.onHead?.(request, length)',
        '    this.#left = length ?? 0\n    this.#hooks.onHead?.(request, length)\n    if (this.#dropping) this.#left = 0',
      ),
    ],
  },
]

const pipelining: readonly Unsorted[] = [
  {
    name: 'one-request-a-read',
    what: 'answers one request of a read and forgets the rest',
    edits: [
      edit(
        'connection.ts',
        '    if (!this.#isClosing) this.#parser.add(bytes)\n',
        "    const head = bytes.indexOf('\\r\\n\\r\\n')\n    if (!this.#isClosing) this.#parser.add(head === -1 ? bytes : bytes.subarray(0, head + 4))\n",
      ),
    ],
  },
  {
    name: 'quickest-first',
    what: 'sends answers as they are ready, not in the order of the requests',
    edits: [
      edit(
        'pipeline.ts',
        "      const first = this.#first\n      if (first?.state !== 'answered') return\n",
        "      const ready = this.#others.findIndex(({ state }) => state === 'answered')\n      if (this.#first?.state !== 'answered' && ready !== -1) {\n        const [quick] = this.#others.splice(ready, 1)\n        if (this.#first !== undefined) this.#others.unshift(this.#first)\n        this.#first = quick\n      }\n      const first = this.#first\n      if (first?.state !== 'answered') return\n",
      ),
    ],
  },
  {
    name: 'fault-first',
    what: 'drops the answers that are due before a bad request',
    edits: [
      edit(
        'connection.ts',
        '    this.#isClosing = true\n    const exchange = this.#current ?? ',
        '    this.#isClosing = true\n    this.#pipeline.clear()\n    const exchange = this.#current ?? ',
      ),
    ],
  },
  {
    name: 'answers-after-close',
    what: 'answers the requests behind one that asked to close',
    edits: [
      edit('connection.ts', '    if (exchange.isLast) this.#isClosing = true\n', ''),
      edit(
        'connection.ts',
        '    if (exchange.isLast || this.#socket.destroyed)\n      this.#abort(',
        '    if (closesConnection(exchange.response?.status ?? 0)) this.#abort(',
      ),
      edit(
        'connection.ts',
        '      exchange.isLast = true\n      this.#isClosing = true\n    }\n    let sending',
        "      exchange.isLast = true\n      this.#isClosing = this.#parser.state === 'idle'\n    }\n    let sending",
      ),
    ],
  },
  {
    name: 'decimal-chunks',
    what: 'writes the sizes of chunks as decimal numbers',
    edits: [edit('content-sender.ts', 'piece.length.toString(16)', 'piece.length.toString(10)')],
  },
  {
    name: 'no-last-chunk',
    what: 'forgets the last chunk',
    edits: [
      edit(
        'content-sender.ts',
        'if (this.#isChunked) this.#sink.addLatin1(`0',
        'if (this.#hash !== undefined) this.#sink.addLatin1(`0',
      ),
    ],
  },
  {
    name: 'chunks-for-old-clients',
    what: 'sends chunked content to HTTP/1.0',
    edits: [
      edit(
        'answer-writer.ts',
        "length === undefined && request?.version !== 'HTTP/1.0'",
        'length === undefined',
      ),
    ],
  },
  {
    name: 'trailers-for-everybody',
    what: 'announces a trailer section to clients that did not ask for one',
    edits: [edit('answer-writer.ts', 'isChunked && wantsTrailers(request)', 'isChunked')],
  },
  {
    name: 'trailers-for-nobody',
    what: 'sends no trailer section to a client that asks for it',
    edits: [
      edit(
        'answer-writer.ts',
        'isChunked && wantsTrailers(request)',
        'isChunked && request?.method === undefined',
      ),
    ],
  },
  {
    name: 'te-as-one-value',
    what: 'takes TE for one value',
    edits: [edit('answer-writer.ts', "listMembers(te).includes('trailers')", "te === 'trailers'")],
  },
  {
    name: 'one-line-less',
    what: 'sends one line too few of /stream/:n',
    edits: [edit('lines.ts', 'line <= count', 'line < count')],
  },
  {
    name: 'lines-with-crlf',
    what: 'ends the lines of /stream/:n with CRLF',
    edits: [edit('lines.ts', '`line ${line}\\n`', '`line ${line}\\r\\n`')],
  },
]

const routing: readonly Unsorted[] = [
  {
    name: 'parameters-as-they-came',
    what: 'gives parameters without decoding them',
    edits: [
      edit(
        'trie-router.ts',
        'route.foundIn(path, this.#trie.starts, textOf)',
        'route.foundIn(path, this.#trie.starts, (text) => encodeURIComponent(textOf(text)))',
      ),
    ],
  },
  {
    name: 'parameters-twice',
    what: 'decodes parameters twice',
    edits: [
      edit(
        'trie-router.ts',
        'route.foundIn(path, this.#trie.starts, textOf)',
        'route.foundIn(path, this.#trie.starts, (text) => unescape(textOf(text)))',
      ),
    ],
  },
  {
    name: 'slashes-come-first',
    what: 'decodes %2F before it splits the path',
    edits: [
      edit(
        'trie-router.ts',
        '? this.#findDecoded(method, decode(path))',
        "? this.#findDecoded(method, decode(path.replace(/%2f/gi, '/')))",
      ),
    ],
  },
  {
    name: 'bad-escapes-are-404',
    what: 'answers 404 to a path with a bad escape',
    edits: [
      edit(
        'trie-router.ts',
        "throw new RequestError('INVALID_PATH', { cause })",
        "throw new RequestError('NOT_FOUND', { cause })",
      ),
    ],
  },
  {
    name: 'any-bytes',
    what: 'takes any bytes in a path for text, UTF-8 or not',
    edits: [
      edit(
        'route-pattern.ts',
        'return decodeURIComponent(kept)',
        'try {\n    return decodeURIComponent(kept)\n  } catch (error) {\n    if (/%(?![0-9a-f]{2})/i.test(kept)) throw error\n    return unescape(kept)\n  }',
      ),
    ],
  },
  {
    name: 'no-options',
    what: 'answers 405 to OPTIONS',
    edits: [
      edit(
        'trie-router.ts',
        "kind: method === 'OPTIONS' ? 'options' : 'method-not-allowed'",
        "kind: 'method-not-allowed'",
      ),
    ],
  },
  {
    name: 'no-asterisk',
    what: 'answers 404 to OPTIONS *',
    edits: [edit('trie-router.ts', "if (path === '*' || this", 'if (this')],
  },
  {
    name: 'options-with-content',
    what: 'answers OPTIONS with 200 and a text',
    edits: [
      edit(
        'admission.ts',
        '({ status: 204, headers: { Allow: allow } })',
        '({ status: 200, headers: { Allow: allow }, content: allow })',
      ),
    ],
  },
  {
    name: 'allow-without-options',
    what: 'leaves OPTIONS out of Allow',
    edits: [edit('trie-router.ts', "    allow.add('OPTIONS')\n", '')],
  },
  {
    name: 'allow-without-head',
    what: 'leaves HEAD out of Allow',
    edits: [edit('trie-router.ts', "    if (allow.has('GET')) allow.add('HEAD')\n", '')],
  },
  {
    name: 'no-head',
    what: 'answers 405 to HEAD',
    edits: [edit('trie.ts', "(method === 'HEAD' ? this.#get : undefined)", 'undefined')],
  },
  {
    name: 'no-405',
    what: 'answers 404 where another method is served',
    edits: [
      edit(
        'admission.ts',
        "throw new RequestError('METHOD_NOT_ALLOWED', { headers: { Allow: match.allow.join(', ') } })",
        "throw new RequestError('NOT_FOUND')",
      ),
    ],
  },
  {
    name: 'empty-parameters',
    what: 'finds /users/ with an empty id',
    edits: [edit('trie.ts', 'if (end > start) next', 'if (end >= start) next')],
  },
  {
    name: 'slash-at-the-end',
    what: 'ignores a slash at the end of a path',
    edits: [
      edit(
        'trie-router.ts',
        "return path.startsWith('/') ? this.#trie.find(method, path) : undefined",
        "if (!path.startsWith('/')) return undefined\n    return this.#trie.find(method, path) ?? this.#trie.find(method, path.replace(/(?<=.)\\/$/, ''))",
      ),
    ],
  },
  {
    name: 'health-in-words',
    what: 'says healthy instead of ok',
    edits: [
      edit(
        'health.ts',
        "headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' }",
        "headers: { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' }",
      ),
    ],
  },
  {
    name: 'health-for-all-methods',
    what: 'does not know HEAD on /health',
    edits: [
      edit(
        'admission.ts',
        "    case 'found':\n",
        "    case 'found':\n      if (request.path === '/health' && request.method === 'HEAD') throw new RequestError('NOT_FOUND')\n",
      ),
    ],
  },
]

const files: readonly Unsorted[] = [
  {
    name: 'files-as-text',
    what: 'reads every file as UTF-8 text',
    edits: [
      edit(
        'file-content.ts',
        'return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces)',
        'return Buffer.from(Buffer.concat(pieces).toString())',
      ),
    ],
  },
  {
    name: 'two-dots-anywhere',
    what: 'refuses every path with two dots in a row',
    edits: [
      edit(
        'static-path.ts',
        "name !== '' && !name.startsWith('.')",
        "name !== '' && !name.includes('..') && !name.startsWith('.')",
      ),
    ],
  },
  {
    name: 'up-and-out',
    what: 'lets dots in a path lead out of the folder',
    edits: [
      edit(
        'static-path.ts',
        "name !== '' && !name.startsWith('.') && !/[/\\\\]/.test(name)",
        "name !== '' && (name === '..' || !name.startsWith('.'))",
      ),
      edit(
        'open-file.ts',
        'if (!isBelow(root, path)) break',
        'if (!isBelow(dirname(root), path)) break',
      ),
      edit(
        'open-file.ts',
        "import { sep } from 'node:path'",
        "import { dirname, sep } from 'node:path'",
      ),
    ],
  },
  {
    name: 'dots-put-right',
    what: 'puts a path with dot segments right instead of refusing it',
    edits: [
      edit(
        'static-path.ts',
        "!name.startsWith('.') &&",
        "(/^\\.\\.?$/.test(name) || !name.startsWith('.')) &&",
      ),
    ],
  },
  {
    name: 'dotfiles',
    what: 'serves dotfiles',
    edits: [edit('static-path.ts', "!name.startsWith('.') &&", '!/^\\.\\.?$/.test(name) &&')],
  },
  {
    name: 'no-index',
    what: 'serves no index.html for a folder',
    edits: [
      edit('static-files.ts', "[...path.names, 'index.html']", "[...path.names, 'index.htm']"),
    ],
  },
  {
    name: 'found-for-a-while',
    what: 'redirects to a folder with 302',
    edits: [edit('static-files.ts', 'status: 308', 'status: 302')],
  },
  {
    name: 'query-lost',
    what: 'loses the query when it redirects to a folder',
    edits: [edit('static-files.ts', "/${hasQuery ? `?${query}` : ''}`", "/${hasQuery ? '' : ''}`")],
  },
  {
    name: 'no-redirect',
    what: 'serves a folder without its slash at once',
    edits: [
      edit(
        'static-files.ts',
        '    return redirectToFolder(request)',
        "    return answerWith(openBelow(folder, [...path.names, 'index.html']), request, redirectToFolder.length > 0 ? 'index.html' : '')",
      ),
    ],
  },
  {
    name: 'one-type',
    what: 'calls every file application/octet-stream',
    edits: [
      edit(
        'media-type.ts',
        "contentType(extension) || 'application/octet-stream'",
        "(contentType('') || 'application/octet-stream')",
      ),
    ],
  },
  {
    name: 'type-without-charset',
    what: 'leaves the charset out of the type of a text file',
    edits: [
      edit(
        'media-type.ts',
        "contentType(extension) || 'application/octet-stream'",
        "(contentType(extension) || 'application/octet-stream').replace(/;.*/, '')",
      ),
    ],
  },
  {
    name: 'names-as-they-came',
    what: 'looks for the names of files without decoding them',
    edits: [
      edit(
        'static-path.ts',
        'name = decodeURIComponent(segment)',
        "name = decodeURIComponent(segment) === '' ? '' : segment",
      ),
    ],
  },
  {
    name: 'names-twice',
    what: 'decodes the names of files twice',
    edits: [
      edit(
        'static-path.ts',
        'name = decodeURIComponent(segment)',
        'name = unescape(decodeURIComponent(segment))',
      ),
    ],
  },
  {
    name: 'nul-is-404',
    what: 'answers 404 to NUL in a path',
    edits: [
      edit(
        'static-path.ts',
        "if (name.includes('\\0')) throw new RequestError('INVALID_PATH')",
        "if (name.includes('\\0')) throw new RequestError('NOT_FOUND')",
      ),
    ],
  },
  {
    name: 'length-of-head',
    what: 'says Content-Length: 0 to HEAD of a file',
    edits: [edit('static-files.ts', 'content: lengthOnly(size)', 'content: lengthOnly(size * 0)')],
  },
  {
    name: 'last-byte',
    what: 'forgets the last byte of a file',
    edits: [
      edit(
        'static-files.ts',
        '[{ first: 0, last: size - 1 }]',
        '[{ first: 0, last: Math.max(0, size - 2) + (size === 0 ? -1 : 0) }]',
      ),
    ],
  },
  {
    name: 'empty-is-missing',
    what: 'answers 404 to an empty file',
    edits: [
      edit(
        'static-files.ts',
        'if (file.stats.isFile()) return',
        'if (file.stats.isFile() && file.stats.size > 0n) return',
      ),
    ],
  },
  {
    name: 'file-with-slash',
    what: 'serves a file also with a slash behind its name',
    edits: [
      edit(
        'static-files.ts',
        "const names = path.isFolder ? [...path.names, 'index.html'] : path.names",
        "const names = path.isFolder && !/\\.\\w+$/.test(path.names.at(-1) ?? '') ? [...path.names, 'index.html'] : path.names",
      ),
    ],
  },
  {
    name: 'no-entity-tag',
    what: 'sends no ETag',
    edits: [edit('static-files.ts', '    ETag: validators.entityTag,\n', '')],
  },
  {
    name: 'no-date',
    what: 'sends no Last-Modified',
    edits: [
      edit(
        'static-files.ts',
        "    'Last-Modified': lastModified(validators),\n",
        "    ...(lastModified(validators) === '' ? { 'Last-Modified': '' } : {}),\n",
      ),
    ],
  },
  {
    name: 'tag-lost-in-304',
    what: 'sends 304 without ETag',
    edits: [
      edit(
        'static-files.ts',
        'return { status: 304, headers: { ETag: validators.entityTag } }',
        'return { status: 304, headers: {} }',
      ),
    ],
  },
]

const conditions: readonly Unsorted[] = [
  {
    name: 'any-is-none',
    what: 'knows no "*" in If-Match and If-None-Match',
    edits: [edit('conditional.ts', "return list.trim() === '*' || parseTags", 'return parseTags')],
  },
  {
    name: 'no-if-match',
    what: 'ignores If-Match',
    edits: [
      edit(
        'conditional.ts',
        "const ifMatch = headers.get('if-match')",
        "const ifMatch = headers.get('x-if-match')",
      ),
    ],
  },
  {
    name: 'no-if-none-match',
    what: 'ignores If-None-Match',
    edits: [
      edit(
        'conditional.ts',
        "const ifNoneMatch = headers.get('if-none-match')",
        "const ifNoneMatch = headers.get('x-if-none-match')",
      ),
    ],
  },
  {
    name: 'no-if-unmodified-since',
    what: 'ignores If-Unmodified-Since',
    edits: [
      edit('conditional.ts', "(dateOf(headers, 'if-unmodified-since') ?? Infinity)", 'Infinity'),
    ],
  },
  {
    name: 'date-beside-tag',
    what: 'looks at If-Unmodified-Since although If-Match is there',
    edits: [
      edit(
        'conditional.ts',
        "return 'failed'\n  } else if (modified >",
        "return 'failed'\n  }\n  if (modified >",
      ),
    ],
  },
  {
    name: 'date-beside-none-match',
    what: 'answers 304 by If-Modified-Since although If-None-Match is there',
    edits: [
      edit(
        'conditional.ts',
        "if (!isListed(ifNoneMatch, entityTag, matchesWeakly)) return 'met'\n",
        "if (!isListed(ifNoneMatch, entityTag, matchesWeakly)) return headers.has('if-modified-since') ? 'not modified' : 'met'\n",
      ),
    ],
  },
  {
    name: 'none-match-first',
    what: 'looks at If-None-Match before If-Match',
    edits: [
      edit(
        'conditional.ts',
        "if (!isListed(ifMatch, entityTag, matchesStrongly)) return 'failed'",
        "if (!isListed(ifMatch, entityTag, matchesStrongly)) return isListed(headers.get('if-none-match') ?? '', entityTag, matchesWeakly) ? 'not modified' : 'failed'",
      ),
    ],
  },
  {
    name: 'dates-to-come',
    what: 'answers 304 to an If-Modified-Since that is still to come',
    edits: [
      edit(
        'conditional.ts',
        'since === undefined || since * 1000 > validators.nowMs)',
        'since === undefined)',
      ),
    ],
  },
  {
    name: 'no-date-at-all',
    what: 'takes an If-Unmodified-Since that is no date for the year 1970',
    edits: [
      edit(
        'conditional.ts',
        'return value === undefined ? undefined : parseHttpDate(value)',
        'return value === undefined ? undefined : (parseHttpDate(value) ?? 0)',
      ),
    ],
  },
  {
    name: 'one-form-of-dates',
    what: 'reads no dates but IMF-fixdate',
    edits: [
      edit(
        'parse-http-date.ts',
        'const parts = FORMS.map(',
        'const parts = FORMS.slice(0, 1).map(',
      ),
    ],
  },
  {
    name: 'always-modified',
    what: 'answers 304 to every If-Modified-Since',
    edits: [
      edit(
        'conditional.ts',
        "return modified <= since ? 'not modified' : 'met'",
        "return modified <= since + 1e10 ? 'not modified' : 'met'",
      ),
    ],
  },
  {
    name: 'failed-is-304',
    what: 'answers 304 instead of 412',
    edits: [
      edit(
        'static-files.ts',
        "throw new RequestError('PRECONDITION_FAILED')",
        'return { status: 304, headers: { ETag: validators.entityTag } }',
      ),
    ],
  },
  {
    name: 'none-match-is-412',
    what: 'answers 412 to If-None-Match of a GET',
    edits: [
      edit(
        'conditional.ts',
        "return isRead ? 'not modified' : 'failed'",
        "return isRead && method === 'HEAD' ? 'not modified' : 'failed'",
      ),
    ],
  },
  {
    name: 'typed-304',
    what: 'sends the type of the file with 304',
    edits: [
      edit(
        'static-files.ts',
        'return { status: 304, headers: { ETag: validators.entityTag } }',
        'return { status: 304, headers }',
      ),
    ],
  },
]

const ranges: readonly Unsorted[] = [
  {
    name: 'end-excluded',
    what: 'leaves out the last byte of a range',
    edits: [
      edit(
        'ranges.ts',
        "const last = to === '' || BigInt(to) >= size ? size - 1n : BigInt(to)",
        "const last = to === '' || BigInt(to) >= size ? size - 1n : BigInt(to) - (BigInt(to) > first ? 1n : 0n)",
      ),
    ],
  },
  {
    name: 'suffix-from-the-start',
    what: 'takes a suffix for the first bytes',
    edits: [
      edit(
        'ranges.ts',
        'return { first: length >= size ? 0 : Number(size - length), last: Number(size - 1n) }',
        'return { first: 0, last: Number((length < size ? length : size) - 1n) }',
      ),
    ],
  },
  {
    name: 'long-suffix',
    what: 'answers 416 to a suffix that is longer than the file',
    edits: [
      edit(
        'ranges.ts',
        "if (length === 0n || size === 0n) return 'unsatisfiable'",
        "if (length === 0n || length > size) return 'unsatisfiable'",
      ),
    ],
  },
  {
    name: 'empty-suffix',
    what: 'ignores an empty suffix',
    edits: [
      edit(
        'ranges.ts',
        "if (length === 0n || size === 0n) return 'unsatisfiable'",
        "if (length === 0n) return 'invalid' as 'unsatisfiable'\n  if (size === 0n) return 'unsatisfiable'",
      ),
    ],
  },
  {
    name: 'no-open-ranges',
    what: 'ignores a range without an end',
    edits: [
      edit(
        'ranges.ts',
        "if (match === null || text === '-') return 'invalid'",
        "if (match === null || text === '-' || text.endsWith('-')) return 'invalid'",
      ),
    ],
  },
  {
    name: 'end-beyond',
    what: 'answers 416 to a range that ends behind the file',
    edits: [
      edit(
        'ranges.ts',
        "if (first >= size) return 'unsatisfiable'",
        "if (first >= size || (to !== '' && BigInt(to) >= size)) return 'unsatisfiable'",
      ),
    ],
  },
  {
    name: 'bad-is-416',
    what: 'answers 416 to a malformed range',
    edits: [
      edit(
        'ranges.ts',
        "if (range === 'invalid') return IGNORED",
        "if (range === 'invalid') return { kind: 'unsatisfiable' }",
      ),
    ],
  },
  {
    name: 'good-among-bad',
    what: 'serves the good ones of several ranges when one is malformed',
    edits: [
      edit(
        'ranges.ts',
        "if (range === 'invalid') return IGNORED\n",
        "if (range === 'invalid' && members.length === 1) return IGNORED\n    if (range === 'invalid') continue\n",
      ),
    ],
  },
  {
    name: 'any-unit',
    what: 'takes every unit for bytes',
    edits: [
      edit(
        'ranges.ts',
        "if (unit.toLowerCase() !== 'bytes' || set === undefined) return IGNORED",
        "if (unit === '' || set === undefined) return IGNORED",
      ),
    ],
  },
  {
    name: 'units-by-case',
    what: 'knows "bytes" in small letters only',
    edits: [edit('ranges.ts', 'unit.toLowerCase()', 'unit')],
  },
  {
    name: 'no-white-space',
    what: 'allows no white space between ranges',
    edits: [
      edit(
        'ranges.ts',
        'listMembers(set)',
        "set.split(',').filter((member) => listMembers(member).length > 0)",
      ),
    ],
  },
  {
    name: 'first-range-only',
    what: 'serves the first of several ranges',
    edits: [
      edit(
        'ranges.ts',
        "{ kind: 'satisfiable', ranges }",
        "{ kind: 'satisfiable', ranges: ranges.slice(0, 1) }",
      ),
    ],
  },
  {
    name: 'overlapping-ranges',
    what: 'serves ranges that overlap',
    edits: [
      edit(
        'ranges.ts',
        'return overlap(ranges) ? IGNORED :',
        'return overlap(ranges.slice(0, 1)) ? IGNORED :',
      ),
    ],
  },
  {
    name: 'many-ranges',
    what: 'serves any number of ranges',
    edits: [edit('ranges.ts', 'export const MAX_RANGES = 16', 'export const MAX_RANGES = 1600')],
  },
  {
    name: 'one-bad-end',
    what: 'answers 416 when one of several ranges lies behind the file',
    edits: [
      edit(
        'ranges.ts',
        "if (range !== 'unsatisfiable') ranges.push(range)",
        "if (range === 'unsatisfiable') return { kind: 'unsatisfiable' }\n    ranges.push(range)",
      ),
    ],
  },
  {
    name: 'size-unsaid',
    what: 'sends 416 without Content-Range',
    edits: [
      edit(
        'static-files.ts',
        "headers: { 'Content-Range': `bytes */${size}` }",
        "headers: { 'Accept-Ranges': 'bytes' }",
      ),
    ],
  },
  {
    name: 'whole-is-200',
    what: 'answers 200 to a range',
    edits: [
      edit(
        'static-files.ts',
        "      status: 206,\n      headers: { ...headers, 'Content-Range'",
        "      status: 200,\n      headers: { ...headers, 'Content-Range'",
      ),
    ],
  },
  {
    name: 'place-unsaid',
    what: 'sends 206 without Content-Range',
    edits: [
      edit(
        'static-files.ts',
        "headers: { ...headers, 'Content-Range': contentRange(range, size) }",
        'headers',
      ),
    ],
  },
  {
    name: 'ranges-of-head',
    what: 'answers 206 to HEAD',
    edits: [
      edit(
        'static-files.ts',
        "if (request.method === 'HEAD') return",
        "if (request.method === 'HEAD' && !request.headers.has('range')) return",
      ),
    ],
  },
  {
    name: 'no-if-range',
    what: 'ignores If-Range',
    edits: [
      edit(
        'conditional.ts',
        "const ifRange = headers.get('if-range')",
        "const ifRange = headers.get('x-if-range')",
      ),
    ],
  },
  {
    name: 'if-range-by-tag',
    what: 'ignores If-Range with a date',
    edits: [
      edit(
        'conditional.ts',
        'return parseHttpDate(ifRange) === modifiedSecond(validators) && ageMs > 1000',
        'return ageMs > -1',
      ),
    ],
  },
  {
    name: 'range-first',
    what: 'looks at the range before the preconditions',
    edits: [
      edit(
        'static-files.ts',
        '  switch (evaluatePreconditions(',
        "  if (rangesOf(request, validators, size).kind === 'unsatisfiable') {\n    throw new RequestError('RANGE_NOT_SATISFIABLE', { headers: { 'Content-Range': `bytes */${size}` } })\n  }\n  switch (evaluatePreconditions(",
      ),
    ],
  },
  {
    name: 'ranges-of-nothing',
    what: 'answers 200 to a range of an empty file',
    edits: [
      edit(
        'static-files.ts',
        'if (range === undefined || !rangesApply',
        'if (range === undefined || size === 0 || !rangesApply',
      ),
    ],
  },
]

const refusing: readonly Unsorted[] = [
  {
    name: 'errors-in-words',
    what: 'calls its refusals text',
    edits: [
      edit(
        'errors.ts',
        "headers: { 'Content-Type': 'application/json', ...headers }",
        "headers: { 'Content-Type': 'text/plain; charset=utf-8', ...headers }",
      ),
    ],
  },
  {
    name: 'content-of-refused-head',
    what: 'sends the content of a refusal to HEAD',
    edits: [
      edit(
        'answer-writer.ts',
        "if (line?.method === 'HEAD' || hasNoContent(status)) {",
        "if ((line?.method === 'HEAD' && status < 400) || hasNoContent(status)) {",
      ),
    ],
  },
  {
    name: 'no-allow',
    what: 'sends 405 without Allow',
    edits: [
      edit(
        'admission.ts',
        "{ headers: { Allow: match.allow.join(', ') } })\n",
        '{ headers: {} })\n',
      ),
    ],
  },
  {
    name: 'dies-of-a-handler',
    what: 'dies when a handler throws',
    edits: [
      edit(
        'connection.ts',
        '    if (error !== thrown) exchange.thrown = thrown\n',
        '    if (error !== thrown) process.exit(1)\n',
      ),
    ],
  },
  {
    name: 'unknown-is-404',
    what: 'looks for the path before the method',
    edits: [
      edit(
        'admission.ts',
        "  if (!knownMethods.has(request.method)) throw new RequestError('UNKNOWN_METHOD')\n",
        "  if (!knownMethods.has(request.method)) throw new RequestError(request.path === '/' ? 'UNKNOWN_METHOD' : 'NOT_FOUND')\n",
      ),
    ],
  },
  {
    name: 'any-expectation',
    what: 'ignores an expectation that it does not know',
    edits: [edit('expectation.ts', "throw new RequestError('EXPECTATION_FAILED')", 'return false')],
  },
  {
    name: 'fails-as-400',
    what: 'answers 400 to a handler that throws',
    edits: [
      edit(
        'errors.ts',
        ": new RequestError('INTERNAL_ERROR', { cause: thrown })",
        ": new RequestError('INVALID_PARAMETER', { cause: thrown })",
      ),
    ],
  },
  {
    name: 'large-streams',
    what: 'answers 200, and nothing, to too large an n of /stream/:n',
    edits: [
      edit('lines.ts', 'export const MAX_LINES = 1_000_000', 'export const MAX_LINES = Infinity'),
      edit('lines.ts', 'line <= count', 'line <= count && count <= 1_000_000'),
    ],
  },
]

const byCategory: Readonly<Record<Category, readonly Unsorted[]>> = {
  connections,
  pipelining,
  routing,
  files,
  conditions,
  ranges,
  refusing,
}

export const brokenServers: readonly BrokenServer[] = categories.flatMap((category) =>
  byCategory[category].map((server) => ({ ...server, category })),
)
