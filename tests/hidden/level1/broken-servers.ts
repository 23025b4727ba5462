/**
 * Believable servers of level 1, each of them wrong in one thing and right in everything else.
 *
 * What a case cannot see is not here: speed, memory, what a client's reset does.
 */
import type { Edit, Edited } from '../../kit/edited.ts'

export const categories = [
  'reading',
  'answering',
  'content',
  'routing',
  'refusing',
  'surviving',
] as const
export type Category = (typeof categories)[number]

export interface BrokenServer extends Edited {
  readonly category: Category
}

function edit(file: string, find: string, replace: string): Edit {
  return { file: `level1/${file}`, find, replace }
}

/** Whatever is thrown and is no RequestError ends the process. */
const diesOfTheUnexpected = edit(
  'server.ts',
  'if (settings.LOG && !socket.destroyed) console.error(error)\n      socket.destroy()',
  'throw error',
)

type Unsorted = Omit<BrokenServer, 'category'>

const reading: readonly Unsorted[] = [
  {
    name: 'one-read',
    what: 'takes one read for a whole line',
    edits: [
      edit(
        'input.ts',
        '      scanned = end\n      await this.#readMore()',
        "      if (length > 0) throw new RequestError('INCOMPLETE_REQUEST')\n      scanned = end\n      await this.#readMore()",
      ),
    ],
  },
  {
    name: 'names-by-case',
    what: 'finds Content-Type and Content-Length only in their usual letter case',
    edits: [
      edit(
        'header-section.ts',
        'return { name: name.toLowerCase(), value }',
        "const unseen = /^content-/i.test(name) && !/^Content-(?:Type|Length)$/.test(name)\n  return { name: unseen ? 'unseen' : name.toLowerCase(), value }",
      ),
    ],
  },
  {
    name: 'host-by-case',
    what: 'finds Host only as "Host" or "host"',
    edits: [
      edit(
        'header-section.ts',
        'return { name: name.toLowerCase(), value }',
        "return { name: name === 'Host' || !/^host$/i.test(name) ? name.toLowerCase() : name, value }",
      ),
    ],
  },
  {
    name: 'one-space-after-the-colon',
    what: 'cuts one space before a value, and nothing else',
    edits: [
      edit(
        'header-section.ts',
        'trimOws(text.slice(colon + 1))',
        "text.slice(colon + 1).replace(/^ /, '')",
      ),
    ],
  },
  {
    name: 'white-space-behind',
    what: 'keeps the white space behind a value',
    edits: [
      edit(
        'header-section.ts',
        'trimOws(text.slice(colon + 1))',
        'text.slice(colon + 1).trimStart()',
      ),
    ],
  },
  {
    name: 'spaces-but-no-tabs',
    what: 'cuts spaces around a value, but no tabs',
    edits: [
      edit(
        'header-section.ts',
        "return character === ' ' || character === '\\t'",
        "return character === ' '",
      ),
    ],
  },
  {
    name: 'colon-and-space',
    what: 'refuses a field line without a space behind the colon',
    edits: [
      edit(
        'header-section.ts',
        "if (colon === -1 || !isToken(name)) throw new RequestError('INVALID_FIELD_LINE')",
        "if (colon === -1 || !isToken(name) || !/^[ \\t]/.test(text.slice(colon + 1))) throw new RequestError('INVALID_FIELD_LINE')",
      ),
    ],
  },
  {
    name: 'second-colon',
    what: 'ends a value at its first colon',
    edits: [
      edit(
        'header-section.ts',
        'trimOws(text.slice(colon + 1))',
        "trimOws(text.split(':')[1] ?? '')",
      ),
    ],
  },
  {
    name: 'empty-lines',
    what: 'takes an empty line for a request line',
    edits: [
      edit(
        'request-line.ts',
        "if (text !== '') return parseRequestLine(text)",
        'return parseRequestLine(text)',
      ),
    ],
  },
  {
    name: 'one-empty-line',
    what: 'skips one empty line before the request line, but not two',
    edits: [
      edit(
        'request-line.ts',
        'while (await input.hasMore()) {',
        'for (let skipped = 0; await input.hasMore(); skipped++) {',
      ),
      edit('request-line.ts', "if (text !== '') return", "if (text !== '' || skipped > 0) return"),
    ],
  },
  {
    name: 'no-absolute-form',
    what: 'takes an absolute-form for a path',
    edits: [
      edit(
        'request-line.ts',
        "if (target.startsWith('/')) return splitQuery(target)",
        'return splitQuery(target)',
      ),
    ],
  },
  {
    name: 'absolute-form-without-path',
    what: 'finds no route for an absolute-form without a path',
    edits: [edit('request-line.ts', "path: path === '' ? '/' : path, query", 'path, query')],
  },
  {
    name: 'old-clients',
    what: 'asks for Host in HTTP/1.0, too',
    edits: [
      edit('header-section.ts', "if (host === undefined && version === 'HTTP/1.0') return\n", '\n'),
    ],
  },
  {
    name: 'later-minor-versions',
    what: 'answers 505 to HTTP/1.2 and later',
    edits: [
      edit(
        'request-line.ts',
        "if (major !== '1') throw",
        "if (major !== '1' || Number(_minor) > 1) throw",
      ),
      edit('request-line.ts', 'const [, major, minor] =', 'const [, major, _minor] ='),
      edit('request-line.ts', "return minor === '0'", "return _minor === '0'"),
    ],
  },
  {
    name: 'empty-host',
    what: 'takes an empty Host for a missing one',
    edits: [
      edit(
        'header-section.ts',
        'if (host === undefined || others.length',
        "if (host === undefined || host === '' || others.length",
      ),
    ],
  },
  {
    name: 'request-line-less-one',
    what: 'refuses a request line of exactly the limit',
    edits: [
      edit(
        'request-line.ts',
        "input.readLine(maxBytes, 'REQUEST",
        "input.readLine(maxBytes - 1, 'REQUEST",
      ),
    ],
  },
  {
    name: 'request-line-with-crlf',
    what: 'counts the CRLF as part of the request line',
    edits: [
      edit(
        'request-line.ts',
        "input.readLine(maxBytes, 'REQUEST",
        "input.readLine(maxBytes - 2, 'REQUEST",
      ),
    ],
  },
  {
    name: 'header-section-less-one',
    what: 'refuses a header section of exactly the limit',
    edits: [edit('header-section.ts', 'let left = maxBytes', 'let left = maxBytes - 1')],
  },
  {
    name: 'expects',
    what: 'answers 400 to a request with Expect',
    edits: [
      edit(
        'header-section.ts',
        "if (headers.has('transfer-encoding'))",
        "if (headers.has('expect')) throw new RequestError('INVALID_FIELD_LINE')\n  if (headers.has('transfer-encoding'))",
      ),
    ],
  },
]

const answering: readonly Unsorted[] = [
  {
    name: 'content-to-head',
    what: 'sends the content to HEAD',
    edits: [
      edit('response.ts', "return method === 'HEAD' ? head :", "return method === '' ? head :"),
    ],
  },
  {
    name: 'content-to-refused-head',
    what: 'sends the content of a refusal to HEAD',
    edits: [
      edit(
        'response.ts',
        "return method === 'HEAD' ? head :",
        "return method === 'HEAD' && status < 400 ? head :",
      ),
    ],
  },
  {
    name: 'head-is-empty',
    what: 'says Content-Length: 0 to HEAD',
    edits: [
      edit(
        'response.ts',
        '`Content-Length: ${content.length}`',
        "`Content-Length: ${method === 'HEAD' ? 0 : content.length}`",
      ),
    ],
  },
  {
    name: 'no-date',
    what: 'sends no Date',
    edits: [edit('response.ts', '    `Date: ${new Date().toUTCString()}`,\n', '')],
  },
  {
    name: 'no-date-in-refusals',
    what: 'sends no Date with a refusal',
    edits: [
      edit(
        'response.ts',
        '    `Date: ${new Date().toUTCString()}`,\n',
        '    ...(status < 400 ? [`Date: ${new Date().toUTCString()}`] : []),\n',
      ),
    ],
  },
  {
    name: 'characters-for-bytes',
    what: 'counts characters for Content-Length',
    edits: [
      edit(
        'response.ts',
        '`Content-Length: ${content.length}`',
        "`Content-Length: ${fields['Content-Type']?.startsWith('text/plain; charset') ? content.toString().length : content.length}`",
      ),
    ],
  },
  {
    name: 'no-length',
    what: 'sends no Content-Length and closes instead',
    edits: [edit('response.ts', '    `Content-Length: ${content.length}`,\n', '')],
  },
  {
    name: 'no-length-in-refusals',
    what: 'sends no Content-Length with a refusal',
    edits: [
      edit(
        'response.ts',
        '    `Content-Length: ${content.length}`,\n',
        '    ...(status < 400 ? [`Content-Length: ${content.length}`] : []),\n',
      ),
    ],
  },
  {
    name: 'promises-more',
    what: 'says keep-alive, and closes',
    edits: [edit('response.ts', "'Connection: close'", "'Connection: keep-alive'")],
  },
  {
    name: 'silent-about-closing',
    what: 'sends no Connection',
    edits: [edit('response.ts', "    'Connection: close',\n", '')],
  },
  {
    name: 'stays-open',
    what: 'leaves the connection open after the answer',
    edits: [edit('tear-down.ts', 'else socket.end(lastBytes)', 'else socket.write(lastBytes)')],
  },
  {
    name: 'one-crlf-more',
    what: 'sends a CRLF after the content',
    edits: [
      edit(
        'response.ts',
        'Buffer.concat([head, content])',
        "Buffer.concat([head, content, Buffer.from('\\r\\n')])",
      ),
    ],
  },
  {
    name: 'impatient-with-fin',
    what: 'closes without an answer when the client has ended its direction',
    edits: [edit('server.ts', 'allowHalfOpen: true', 'allowHalfOpen: false')],
  },
  {
    name: 'resets',
    what: 'resets the connection behind the answer',
    edits: [
      edit(
        'tear-down.ts',
        "socket.once('finish', () => {\n",
        "socket.once('finish', () => {\n    setImmediate(() => socket.resetAndDestroy())\n",
      ),
    ],
  },
  {
    name: 'no-charset',
    what: 'sends texts without a charset',
    edits: [edit('response.ts', "'text/plain; charset=utf-8'", "'text/plain'")],
  },
  {
    name: 'answers-what-follows',
    what: 'gives a second answer when another request follows in the same read',
    edits: [
      edit(
        'server.ts',
        '  await input.release()\n  tearDown(socket, serialize(response, requestLine?.method))\n',
        '  let bytes = serialize(response, requestLine?.method)\n  if (response.status === 200 && input.hasGet()) bytes = Buffer.concat([bytes, bytes])\n  await input.release()\n  tearDown(socket, bytes)\n',
      ),
      edit(
        'input.ts',
        '  /** Hands the socket back',
        '  hasGet(): boolean {\n    return this.#buffer.length > 0 && this.#buffer.indexOf(0x47, 0) === 0\n  }\n\n  /** Hands the socket back',
      ),
    ],
  },
]

const content: readonly Unsorted[] = [
  {
    name: 'decodes-utf-8',
    what: 'decodes content as UTF-8',
    edits: [
      edit(
        'routes.ts',
        "fields: { 'Content-Type': type }, content }",
        "fields: { 'Content-Type': type }, content: Buffer.from(content.toString()) }",
      ),
    ],
  },
  {
    name: 'decodes-latin1',
    what: 'decodes content as Latin-1 and sends it as UTF-8',
    edits: [
      edit(
        'routes.ts',
        "fields: { 'Content-Type': type }, content }",
        "fields: { 'Content-Type': type }, content: Buffer.from(content.toString('latin1')) }",
      ),
    ],
  },
  {
    name: 'cut-at-the-first-read',
    what: 'takes what content is there, and does not wait for the rest',
    edits: [
      edit(
        'input.ts',
        'while (this.#buffer.length < count) await this.#readMore()\n    return this.#buffer.take(count)',
        'if (this.#buffer.length === 0 && count > 0) await this.#readMore()\n    return this.#buffer.take(Math.min(count, this.#buffer.length))',
      ),
    ],
  },
  {
    name: 'takes-everything',
    what: 'takes everything that came after the header section for content',
    edits: [
      edit(
        'input.ts',
        'while (this.#buffer.length < count) await this.#readMore()\n    return this.#buffer.take(count)',
        'while (this.#buffer.length < count) await this.#readMore()\n    return this.#buffer.take(this.#buffer.length)',
      ),
    ],
  },
  {
    name: 'loses-the-first-read',
    what: 'loses the content that came in the same read as the head',
    edits: [
      edit(
        'input.ts',
        'while (this.#buffer.length < count) await this.#readMore()',
        'this.#buffer.take(this.#buffer.length)\n    while (this.#buffer.length < count) await this.#readMore()',
      ),
    ],
  },
  {
    name: 'text-by-default',
    what: 'takes content without a Content-Type for text',
    edits: [edit('routes.ts', "'application/octet-stream'", "'text/plain; charset=utf-8'")],
  },
  {
    name: 'type-without-parameters',
    what: 'gives Content-Type back without its parameters',
    edits: [
      edit(
        'routes.ts',
        "fields: { 'Content-Type': type }",
        "fields: { 'Content-Type': type.split(';')[0] ?? type }",
      ),
    ],
  },
  {
    name: 'ignores-the-type',
    what: 'gives every content back as application/octet-stream',
    edits: [
      edit(
        'routes.ts',
        "fields: { 'Content-Type': type }",
        "fields: { 'Content-Type': type && 'application/octet-stream' }",
      ),
    ],
  },
  {
    name: 'trims',
    what: 'trims content',
    edits: [
      edit(
        'routes.ts',
        "fields: { 'Content-Type': type }, content }",
        "fields: { 'Content-Type': type }, content: Buffer.from(content.toString('latin1').trim(), 'latin1') }",
      ),
    ],
  },
  {
    name: 'ends-at-nul',
    what: 'ends content at its first NUL',
    edits: [
      edit(
        'routes.ts',
        "fields: { 'Content-Type': type }, content }",
        "fields: { 'Content-Type': type }, content: content.includes(0) ? content.subarray(0, content.indexOf(0)) : content }",
      ),
    ],
  },
  {
    name: 'ends-at-an-empty-line',
    what: 'ends content at its first empty line',
    edits: [
      edit(
        'routes.ts',
        "fields: { 'Content-Type': type }, content }",
        "fields: { 'Content-Type': type }, content: Buffer.from(content.toString('latin1').split('\\r\\n\\r\\n')[0] ?? '', 'latin1') }",
      ),
    ],
  },
  {
    name: 'demands-a-length',
    what: 'refuses POST without Content-Length',
    edits: [
      edit(
        'server.ts',
        'const length = contentLength(headers)',
        "const length = contentLength(headers)\n  if (requestLine.method === 'POST' && !headers.has('content-length')) throw new RequestError('INVALID_CONTENT_LENGTH')",
      ),
    ],
  },
  {
    name: 'waits-without-a-length',
    what: 'waits for content that was not announced',
    edits: [
      edit(
        'server.ts',
        'const content = await input.readBytes(length)',
        "if (requestLine.method === 'POST' && length === 0) await input.readBytes(1)\n  const content = await input.readBytes(length)",
      ),
    ],
  },
  {
    name: 'content-less-one',
    what: 'refuses content of exactly the limit',
    edits: [
      edit(
        'server.ts',
        'length > settings.MAX_CONTENT_BYTES',
        'length >= settings.MAX_CONTENT_BYTES',
      ),
    ],
  },
  {
    name: 'decimal-megabyte',
    what: 'takes a million bytes for 1 MiB',
    edits: [
      edit(
        'server.ts',
        'length > settings.MAX_CONTENT_BYTES',
        'length > Math.min(settings.MAX_CONTENT_BYTES, 1_000_000)',
      ),
    ],
  },
  {
    name: 'octal-length',
    what: 'takes a length with leading zeros for an octal one',
    edits: [
      edit(
        'header-section.ts',
        'return Number(length)',
        "return length.startsWith('0') ? parseInt(length, 8) || 0 : Number(length)",
      ),
    ],
  },
  {
    name: 'no-leading-zeros',
    what: 'refuses leading zeros in Content-Length',
    edits: [
      edit('header-section.ts', '!/^[0-9]+$/.test(length)', '!/^(?:0|[1-9][0-9]*)$/.test(length)'),
    ],
  },
  {
    name: 'no-content-in-get',
    what: 'refuses GET with content',
    edits: [
      edit(
        'server.ts',
        'const length = contentLength(headers)',
        "const length = contentLength(headers)\n  if (requestLine.method === 'GET' && length > 0) throw new RequestError('INVALID_CONTENT_LENGTH')",
      ),
    ],
  },
]

const routing: readonly Unsorted[] = [
  {
    name: 'slash-at-the-end',
    what: 'serves a path with a slash at its end',
    edits: [
      edit(
        'routes.ts',
        'routes.get(decodePath(path))',
        "routes.get(decodePath(path).replace(/(.)\\/$/, '$1'))",
      ),
    ],
  },
  {
    name: 'slashes-in-a-row',
    what: 'takes several slashes for one',
    edits: [
      edit(
        'routes.ts',
        'routes.get(decodePath(path))',
        "routes.get(decodePath(path).replaceAll(/\\/{2,}/g, '/'))",
      ),
    ],
  },
  {
    name: 'any-letter-case',
    what: 'serves a path in any letter case',
    edits: [
      edit(
        'routes.ts',
        'routes.get(decodePath(path))',
        'routes.get(decodePath(path).toLowerCase())',
      ),
    ],
  },
  {
    name: 'begins-alike',
    what: 'serves what begins like a route',
    edits: [
      edit(
        'routes.ts',
        'const handlers = routes.get(decodePath(path))',
        "const decoded = decodePath(path)\n  const handlers = routes.get([...routes.keys()].find((route) => route !== '/' && decoded.startsWith(route)) ?? decoded)",
      ),
    ],
  },
  {
    name: 'path-as-it-came',
    what: 'does not decode a path',
    edits: [edit('routes.ts', 'return decodeURIComponent(path)', 'return path')],
  },
  {
    name: 'path-decoded-twice',
    what: 'decodes a path twice',
    edits: [
      edit(
        'routes.ts',
        'return decodeURIComponent(path)',
        'return decodeURIComponent(decodeURIComponent(path))',
      ),
    ],
  },
  {
    name: 'decoded-before-split',
    what: 'looks for the query in the decoded target',
    edits: [
      edit(
        'routes.ts',
        'const handlers = routes.get(decodePath(path))',
        "const handlers = routes.get(decodePath(path).split('?')[0] ?? '')",
      ),
    ],
  },
  {
    name: 'query-in-the-path',
    what: 'takes the query for a part of the path, except on /greet',
    edits: [
      edit('routes.ts', '{ method, path }: RequestLine', '{ method, path, query }: RequestLine'),
      edit(
        'routes.ts',
        'routes.get(decodePath(path))',
        "routes.get(decodePath(query === '' || path === '/greet' ? path : `${path}?${query}`))",
      ),
    ],
  },
  {
    name: 'no-allow',
    what: 'answers 405 without Allow',
    edits: [
      edit(
        'routes.ts',
        "new RequestError('METHOD_NOT_ALLOWED', { Allow: allow(handlers) })",
        "new RequestError('METHOD_NOT_ALLOWED')",
      ),
    ],
  },
  {
    name: 'allow-without-head',
    what: 'leaves HEAD out of Allow',
    edits: [edit('routes.ts', "method === 'GET' ? ['GET', 'HEAD'] : [method]", '[method]')],
  },
  {
    name: 'allows-everything',
    what: 'lists every known method in Allow',
    edits: [
      edit('routes.ts', '{ Allow: allow(handlers) }', "{ Allow: [...knownMethods].join(', ') }"),
    ],
  },
  {
    name: 'no-such-method-here',
    what: 'answers 404 where the method is not allowed',
    edits: [
      edit(
        'routes.ts',
        "new RequestError('METHOD_NOT_ALLOWED', { Allow: allow(handlers) })",
        "new RequestError('NOT_FOUND')",
      ),
    ],
  },
  {
    name: 'method-first',
    what: 'answers 405 to PUT, PATCH and DELETE on a path that is no route',
    edits: [
      edit(
        'routes.ts',
        "if (handlers === undefined) throw new RequestError('NOT_FOUND')",
        "if (handlers === undefined && /^(?:PUT|PATCH|DELETE)$/.test(method)) throw new RequestError('METHOD_NOT_ALLOWED', { Allow: 'GET, HEAD' })\n  if (handlers === undefined) throw new RequestError('NOT_FOUND')",
      ),
    ],
  },
  {
    name: 'knows-three-methods',
    what: 'answers 501 to every method but GET, HEAD and POST',
    edits: [
      edit(
        'routes.ts',
        "new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE'])",
        "new Set(['GET', 'HEAD', 'POST'])",
      ),
    ],
  },
  {
    name: 'no-head',
    what: 'answers 405 to HEAD',
    edits: [edit('routes.ts', "handlers[method === 'HEAD' ? 'GET' : method]", 'handlers[method]')],
  },
  {
    name: 'greets-undefined',
    what: 'greets nobody when there is no name',
    edits: [edit('routes.ts', "?? 'stranger'", "?? ''")],
  },
  {
    name: 'empty-is-missing',
    what: 'takes an empty name for a missing one',
    edits: [edit('routes.ts', "?? 'stranger'", "|| 'stranger'")],
  },
  {
    name: 'plus-is-plus',
    what: 'keeps + in a query',
    edits: [
      edit(
        'routes.ts',
        'new URLSearchParams(query)',
        "new URLSearchParams(query.replaceAll('+', '%2B'))",
      ),
    ],
  },
  {
    name: 'query-as-it-came',
    what: 'does not decode the query',
    edits: [
      edit(
        'routes.ts',
        "new URLSearchParams(query).get('name')",
        '/(?:^|&)name=([^&]*)/.exec(query)?.[1]',
      ),
    ],
  },
  {
    name: 'last-name-wins',
    what: 'greets the last name of several',
    edits: [
      edit(
        'routes.ts',
        "new URLSearchParams(query).get('name')",
        "new URLSearchParams(query).getAll('name').at(-1)",
      ),
    ],
  },
  {
    name: 'second-equals-sign',
    what: 'ends a value in the query at its first =',
    edits: [
      edit(
        'routes.ts',
        'new URLSearchParams(query)',
        "new URLSearchParams(query.split('&').map((pair) => pair.split('=').slice(0, 2).join('=')).join('&'))",
      ),
    ],
  },
  {
    name: 'query-decoded-before-split',
    what: 'splits the query after it was decoded',
    edits: [
      edit('routes.ts', 'new URLSearchParams(query)', 'new URLSearchParams(unescape(query))'),
    ],
  },
  {
    name: 'escapes-are-latin1',
    what: 'takes each escape in a query for a character',
    edits: [
      edit(
        'routes.ts',
        "new URLSearchParams(query).get('name') ??",
        "(/(?:^|&)name=([^&]*)/.test(query) ? unescape((/(?:^|&)name=([^&]*)/.exec(query)?.[1] ?? '').replaceAll('+', ' ')) : undefined) ??",
      ),
    ],
  },
  {
    name: 'strict-query',
    what: 'answers 400 to a bad escape in a query',
    edits: [
      edit(
        'routes.ts',
        'const name = new',
        "if (/%(?![0-9A-Fa-f]{2})/.test(query)) throw new RequestError('INVALID_TARGET')\n  const name = new",
      ),
    ],
  },
]

const refusing: readonly Unsorted[] = [
  {
    name: 'many-hosts',
    what: 'takes the first Host of several',
    edits: [
      edit(
        'header-section.ts',
        'host === undefined || others.length > 0 || !isHost(host)',
        'host === undefined || !isHost(host)',
      ),
      edit('header-section.ts', 'const [host, ...others] =', 'const [host] ='),
    ],
  },
  {
    name: 'no-host',
    what: 'serves HTTP/1.1 without Host',
    edits: [
      edit(
        'header-section.ts',
        "if (host === undefined && version === 'HTTP/1.0') return",
        'if (host === undefined && version !== undefined) return',
      ),
    ],
  },
  {
    name: 'any-host',
    what: 'takes any text for a host',
    edits: [
      edit('header-section.ts', '|| others.length > 0 || !isHost(host)', '|| others.length > 0'),
    ],
  },
  {
    name: 'folded-lines',
    what: 'takes a line that begins with white space for a part of the one before',
    edits: [
      edit(
        'header-section.ts',
        'for (const line of lines) {\n',
        "for (const line of lines) {\n    if (headers.size > 0 && /^[ \\t]/.test(line.toString('latin1'))) continue\n",
      ),
    ],
  },
  {
    name: 'bare-lf',
    what: 'takes LF for the end of a line',
    edits: [
      edit(
        'syntax.ts',
        "if (!text.endsWith('\\r\\n') ||",
        "if (text.endsWith('\\n') && !text.endsWith('\\r\\n') && !text.includes('\\r')) return text.slice(0, -1)\n  if (!text.endsWith('\\r\\n') ||",
      ),
    ],
  },
  {
    name: 'waits-for-crlf',
    what: 'refuses LF alone, but only when a CRLF comes',
    edits: [
      edit(
        'header-section.ts',
        "return text === '\\r\\n' || text === '\\n'",
        "return text === '\\r\\n'",
      ),
    ],
  },
  {
    name: 'cr-in-a-line',
    what: 'takes CR for a part of a value',
    edits: [
      edit('syntax.ts', "|| text.indexOf('\\r') !== text.length - 2", ''),
      edit(
        'header-section.ts',
        '!/^[\\t -~\\x80-\\xff]*$/.test(value)',
        '!/^[\\t\\r -~\\x80-\\xff]*$/.test(value)',
      ),
    ],
  },
  {
    name: 'nul-in-a-value',
    what: 'takes NUL for a part of a value',
    edits: [
      edit(
        'header-section.ts',
        '!/^[\\t -~\\x80-\\xff]*$/.test(value)',
        '!/^[\\0\\t -~\\x80-\\xff]*$/.test(value)',
      ),
    ],
  },
  {
    name: 'space-before-the-colon',
    what: 'cuts white space before the colon',
    edits: [
      edit(
        'header-section.ts',
        'const name = text.slice(0, colon)',
        'const name = text.slice(0, colon).trimEnd()',
      ),
    ],
  },
  {
    name: 'lines-without-colon',
    what: 'skips a line without a colon',
    edits: [
      edit(
        'header-section.ts',
        'for (const line of lines) {\n',
        "for (const line of lines) {\n    if (!line.includes(':')) continue\n",
      ),
    ],
  },
  {
    name: 'empty-name',
    what: 'takes a field without a name',
    edits: [edit('header-section.ts', '|| !isToken(name))', "|| (name !== '' && !isToken(name)))")],
  },
  {
    name: 'signed-length',
    what: 'takes +3 for a length',
    edits: [edit('header-section.ts', '!/^[0-9]+$/.test(length)', '!/^\\+?[0-9]+$/.test(length)')],
  },
  {
    name: 'javascript-length',
    what: 'takes for a length what Number takes for one',
    edits: [
      edit(
        'header-section.ts',
        '!/^[0-9]+$/.test(length)',
        '!(Number.isInteger(Number(length)) && Number(length) >= 0)',
      ),
    ],
  },
  {
    name: 'parsed-length',
    what: 'takes for a length what parseInt takes for one',
    edits: [
      edit('header-section.ts', '!/^[0-9]+$/.test(length)', '!(parseInt(length, 10) >= 0)'),
      edit('header-section.ts', 'return Number(length)', 'return parseInt(length, 10)'),
    ],
  },
  {
    name: 'empty-length',
    what: 'takes an empty length for 0',
    edits: [edit('header-section.ts', '!/^[0-9]+$/.test(length)', '!/^[0-9]*$/.test(length)')],
  },
  {
    name: 'same-lengths',
    what: 'takes two equal lengths for one',
    edits: [
      edit(
        'header-section.ts',
        'others.length > 0 || !/^[0-9]+$/',
        'others.some((other) => other !== length) || !/^[0-9]+$/',
      ),
    ],
  },
  {
    name: 'first-length-wins',
    what: 'takes the first of several lengths',
    edits: [
      edit('header-section.ts', 'others.length > 0 || !/^[0-9]+$/', '!/^[0-9]+$/'),
      edit('header-section.ts', 'const [length, ...others] =', 'const [length] ='),
    ],
  },
  {
    name: 'spaces-in-a-row',
    what: 'takes several spaces in the request line for one',
    edits: [edit('request-line.ts', "text.split(' ')", 'text.split(/ +/)')],
  },
  {
    name: 'trimmed-request-line',
    what: 'cuts white space around the request line',
    edits: [edit('request-line.ts', "text.split(' ')", "text.trim().split(' ')")],
  },
  {
    name: 'simple-requests',
    what: 'serves a request line without a version (HTTP/0.9)',
    edits: [
      edit(
        'request-line.ts',
        "const [method, target, version, ...rest] = text.split(' ')",
        "const [method, target, version = 'HTTP/1.0', ...rest] = text.split(' ')",
      ),
      edit(
        'server.ts',
        'const headers = await readHeaderSection',
        "if (requestLine.version === 'HTTP/1.0' && requestLine.simple) return findHandler(requestLine)({ ...requestLine, headers: new Map(), content: Buffer.alloc(0) })\n  const headers = await readHeaderSection",
      ),
      edit(
        'request-line.ts',
        'return { method, target, path, query, version: parseVersion(version) }',
        "return { method, target, path, query, version: parseVersion(version), simple: text.split(' ').length === 2 }",
      ),
      edit(
        'request-line.ts',
        '  readonly target: string\n',
        '  readonly target: string\n  readonly simple: boolean\n',
      ),
    ],
  },
  {
    name: 'version-in-small-letters',
    what: 'takes http/1.1 for HTTP/1.1',
    edits: [edit('request-line.ts', '\\.([0-9])$/.exec(version)', '\\.([0-9])$/i.exec(version)')],
  },
  {
    name: 'version-and-more',
    what: 'takes a version with something behind it',
    edits: [edit('request-line.ts', '\\.([0-9])$/.exec(version)', '\\.([0-9])/.exec(version)')],
  },
  {
    name: 'any-major-version',
    what: 'serves HTTP/2.0 as HTTP/1.1',
    edits: [
      edit(
        'request-line.ts',
        "if (major !== '1') throw new RequestError('UNSUPPORTED_VERSION')\n",
        '',
      ),
    ],
  },
  {
    name: 'bad-major-version',
    what: 'answers 400 to HTTP/2.0',
    edits: [
      edit(
        'request-line.ts',
        "if (major !== '1') throw new RequestError('UNSUPPORTED_VERSION')",
        "if (major !== '1') throw new RequestError('INVALID_REQUEST_LINE')",
      ),
    ],
  },
  {
    name: 'fragments',
    what: 'serves a target with a fragment',
    edits: [
      edit('request-line.ts', "|| target.includes('#')) throw", ') throw'),
      edit(
        'request-line.ts',
        "if (target.startsWith('/')) return splitQuery(target)",
        "if (target.startsWith('/')) return splitQuery(target.replace(/#.*/, ''))",
      ),
    ],
  },
  {
    name: 'asterisk-for-all',
    what: 'takes * for a target of any method',
    edits: [edit('request-line.ts', "target === '*' && method === 'OPTIONS'", "target === '*'")],
  },
  {
    name: 'relative-target',
    what: 'takes a target without a slash for a path',
    edits: [
      edit(
        'request-line.ts',
        "if (target.startsWith('/')) return",
        "if (!target.includes('://')) return",
      ),
    ],
  },
  {
    name: 'endless-request-line',
    what: 'has no limit for the request line',
    edits: [
      edit(
        'request-line.ts',
        "input.readLine(maxBytes, 'REQUEST",
        "input.readLine(maxBytes * 1000, 'REQUEST",
      ),
    ],
  },
  {
    name: 'request-line-and-one',
    what: 'serves a request line of one byte more than the limit',
    edits: [
      edit(
        'request-line.ts',
        "input.readLine(maxBytes, 'REQUEST",
        "input.readLine(maxBytes + 1, 'REQUEST",
      ),
    ],
  },
  {
    name: 'one-limit-status',
    what: 'answers 431 to a request line that is too long',
    edits: [edit('errors.ts', 'REQUEST_LINE_TOO_LONG: [414,', 'REQUEST_LINE_TOO_LONG: [431,')],
  },
  {
    name: 'header-section-and-one',
    what: 'serves a header section of one byte more than the limit',
    edits: [edit('header-section.ts', 'let left = maxBytes', 'let left = maxBytes + 1')],
  },
  {
    name: 'header-limit-a-line',
    what: 'limits each field line, but not the header section',
    edits: [
      edit('header-section.ts', '    left -= line.length\n', ''),
      edit('header-section.ts', 'let left =', 'const left ='),
    ],
  },
  {
    name: 'too-many-fields-is-bad',
    what: 'answers 400 to a header section that is too large',
    edits: [
      edit('errors.ts', 'HEADER_SECTION_TOO_LARGE: [431,', 'HEADER_SECTION_TOO_LARGE: [400,'),
    ],
  },
  {
    name: 'waits-for-too-much',
    what: 'answers 413 only when the content has come',
    edits: [
      edit(
        'server.ts',
        "if (length > settings.MAX_CONTENT_BYTES) throw new RequestError('CONTENT_TOO_LARGE')",
        "if (length > settings.MAX_CONTENT_BYTES) {\n    await input.readBytes(length)\n    throw new RequestError('CONTENT_TOO_LARGE')\n  }",
      ),
    ],
  },
  {
    name: 'content-and-one',
    what: 'takes content of one byte more than the limit',
    edits: [
      edit(
        'server.ts',
        'length > settings.MAX_CONTENT_BYTES',
        'length > settings.MAX_CONTENT_BYTES + 1',
      ),
    ],
  },
  {
    name: 'size-before-route',
    what: 'answers 413 before 404',
    edits: [
      edit('server.ts', '  const handler = findHandler(requestLine)\n', ''),
      edit(
        'server.ts',
        "throw new RequestError('CONTENT_TOO_LARGE')\n",
        "throw new RequestError('CONTENT_TOO_LARGE')\n  const handler = findHandler(requestLine)\n",
      ),
    ],
  },
  {
    name: 'ignores-transfer-coding',
    what: 'ignores Transfer-Encoding',
    edits: [
      edit(
        'header-section.ts',
        "  if (headers.has('transfer-encoding')) throw new RequestError('TRANSFER_CODING_NOT_IMPLEMENTED')\n",
        '',
      ),
    ],
  },
  {
    name: 'bad-transfer-coding',
    what: 'answers 400 to Transfer-Encoding',
    edits: [
      edit(
        'errors.ts',
        'TRANSFER_CODING_NOT_IMPLEMENTED: [501,',
        'TRANSFER_CODING_NOT_IMPLEMENTED: [400,',
      ),
    ],
  },
  {
    name: 'methods-in-small-letters',
    what: 'takes get for GET',
    edits: [
      edit(
        'request-line.ts',
        'return { method, target, path, query,',
        'return { method: method.toUpperCase(), target, path, query,',
      ),
    ],
  },
  {
    name: 'unknown-is-not-allowed',
    what: 'answers 405 to a method it does not know',
    edits: [edit('errors.ts', 'METHOD_NOT_IMPLEMENTED: [501,', 'METHOD_NOT_IMPLEMENTED: [405,')],
  },
  {
    name: 'route-before-method',
    what: 'answers 404 before it looks whether it knows the method',
    edits: [
      edit(
        'routes.ts',
        "  if (!knownMethods.has(method)) throw new RequestError('METHOD_NOT_IMPLEMENTED')\n\n",
        '',
      ),
      edit(
        'routes.ts',
        "if (handlers === undefined) throw new RequestError('NOT_FOUND')",
        "if (handlers === undefined) throw new RequestError('NOT_FOUND')\n  if (!knownMethods.has(method)) throw new RequestError('METHOD_NOT_IMPLEMENTED')",
      ),
    ],
  },
  {
    name: 'handles-half-content',
    what: 'hands content that was cut off to the handler',
    edits: [
      edit(
        'input.ts',
        'while (this.#buffer.length < count) await this.#readMore()\n    return this.#buffer.take(count)',
        'while (this.#buffer.length < count) if (!(await this.#read())) break\n    return this.#buffer.take(Math.min(count, this.#buffer.length))',
      ),
    ],
  },
  {
    name: 'silent-about-half-requests',
    what: 'closes without an answer when a request was cut off',
    edits: [
      edit(
        'server.ts',
        'if (!(error instanceof RequestError)) throw error\n',
        "if (!(error instanceof RequestError)) throw error\n    if (error.code === 'INCOMPLETE_REQUEST') return tearDown(socket)\n",
      ),
    ],
  },
  {
    name: 'slams-the-door',
    what: 'closes behind a refusal while bytes of the client are unread: the system sends a reset',
    edits: [
      edit(
        'server.ts',
        'tearDown(socket, serialize(response, requestLine?.method))',
        // Whether bytes are unread at that moment is a race; the reset is not left to it.
        'if (response.status === 413) {\n    socket.write(serialize(response, requestLine?.method))\n    socket.resetAndDestroy()\n  } else tearDown(socket, serialize(response, requestLine?.method))',
      ),
    ],
  },
  {
    name: 'hangs-up',
    what: 'closes without an answer when the request line is bad',
    edits: [
      edit(
        'server.ts',
        'if (!(error instanceof RequestError)) throw error\n',
        'if (!(error instanceof RequestError)) throw error\n    if (requestLine === undefined && error.status === 400) return tearDown(socket)\n',
      ),
    ],
  },
]

const surviving: readonly Unsorted[] = [
  {
    name: 'dies-of-one-word',
    what: 'dies of a request line without a target',
    edits: [
      diesOfTheUnexpected,
      edit(
        'request-line.ts',
        "const [method, target, version, ...rest] = text.split(' ')",
        "const [method, target, version, ...rest] = text.split(' ')\n  if (target === undefined) throw new TypeError('Cannot read properties of undefined')",
      ),
    ],
  },
  {
    name: 'dies-of-a-line-without-colon',
    what: 'dies of a field line without a colon',
    edits: [
      diesOfTheUnexpected,
      edit(
        'header-section.ts',
        "const colon = text.indexOf(':')",
        "const colon = text.indexOf(':')\n  if (colon === -1) throw new TypeError('Cannot read properties of undefined')",
      ),
    ],
  },
  {
    name: 'dies-of-a-bad-path',
    what: 'dies of a bad escape in a path',
    edits: [
      diesOfTheUnexpected,
      edit('routes.ts', '} catch {\n    return path', '} catch (error) {\n    throw error'),
    ],
  },
  {
    name: 'dies-of-a-bad-query',
    what: 'dies of a bad escape in a query',
    edits: [
      diesOfTheUnexpected,
      edit('routes.ts', 'const name = new', 'decodeURIComponent(query)\n  const name = new'),
    ],
  },
  {
    name: 'dies-of-a-half-request',
    what: 'dies of a request that is cut off',
    edits: [
      diesOfTheUnexpected,
      edit(
        'input.ts',
        "throw new RequestError('INCOMPLETE_REQUEST')",
        "throw new Error('unexpected end')",
      ),
    ],
  },
  {
    name: 'dies-of-a-target',
    what: 'dies of a target in none of the known forms',
    edits: [
      diesOfTheUnexpected,
      edit(
        'request-line.ts',
        "|| !isHost(authority)) {\n    throw new RequestError('INVALID_TARGET')",
        "|| !isHost(authority)) {\n    throw new TypeError('Invalid URL')",
      ),
    ],
  },
  {
    name: 'dies-of-a-huge-length',
    what: 'dies of a length of thirty digits',
    edits: [
      diesOfTheUnexpected,
      edit(
        'header-section.ts',
        'return Number(length)',
        'if (Number(length) > 1_048_577) Buffer.alloc(Number(length) > 2 ** 40 ? Number(length) : 0)\n  return Number(length)',
      ),
    ],
  },
  {
    name: 'dies-later',
    what: 'answers a bad header section, and dies a moment later',
    edits: [
      edit(
        'server.ts',
        'if (!(error instanceof RequestError)) throw error\n',
        "if (!(error instanceof RequestError)) throw error\n    if (error.status === 400 && requestLine !== undefined) socket.once('finish', () => setImmediate(() => process.exit(1)))\n",
      ),
    ],
  },
  {
    name: 'stops-listening',
    what: 'accepts nobody after a request line it refused',
    edits: [
      edit('server.ts', 'return net.createServer({', 'const server = net.createServer({'),
      edit(
        'server.ts',
        'serve(socket, settings).catch',
        'serve(socket, settings, () => server.close()).catch',
      ),
      edit(
        'server.ts',
        '      socket.destroy()\n    })\n  })\n}',
        '      socket.destroy()\n    })\n  })\n  return server\n}',
      ),
      edit(
        'server.ts',
        'serve(socket: net.Socket, settings: Settings)',
        'serve(socket: net.Socket, settings: Settings, stop: () => void)',
      ),
      edit(
        'server.ts',
        'if (!(error instanceof RequestError)) throw error\n',
        'if (!(error instanceof RequestError)) throw error\n    if (requestLine === undefined) stop()\n',
      ),
    ],
  },
  {
    name: 'loses-places',
    what: 'serves nobody any more after four refusals',
    edits: [
      edit(
        'server.ts',
        '/** The life of a connection',
        'let places = 4\n\n/** The life of a connection',
      ),
      edit(
        'server.ts',
        '  const input = new Input(socket)\n',
        '  if (places <= 0) return\n  const input = new Input(socket)\n',
      ),
      edit(
        'server.ts',
        'if (!(error instanceof RequestError)) throw error\n',
        'if (!(error instanceof RequestError)) throw error\n    places--\n',
      ),
    ],
  },
  {
    name: 'remembers-the-name',
    what: 'greets a stranger by the name of the one before',
    edits: [
      edit(
        'routes.ts',
        'function greet({ query }',
        "let lastName = 'stranger'\n\nfunction greet({ query }",
      ),
      edit(
        'routes.ts',
        "new URLSearchParams(query).get('name') ?? 'stranger'\n",
        "new URLSearchParams(query).get('name') ?? lastName\n  lastName = name\n",
      ),
    ],
  },
  {
    name: 'remembers-the-type',
    what: 'gives content back with the Content-Type of the request before',
    edits: [
      edit(
        'routes.ts',
        'function echo({ headers',
        "let lastType = 'application/octet-stream'\n\nfunction echo({ headers",
      ),
      edit(
        'routes.ts',
        "const [type = 'application/octet-stream'] = headers.get('content-type') ?? []\n",
        "const [type = lastType] = headers.get('content-type') ?? []\n  lastType = type\n",
      ),
    ],
  },
  {
    name: 'adds-up-content',
    what: 'counts the content of all requests against the limit of one',
    edits: [
      edit(
        'server.ts',
        '/** The life of a connection',
        'let total = 0\n\n/** The life of a connection',
      ),
      edit(
        'server.ts',
        'if (length > settings.MAX_CONTENT_BYTES)',
        'if ((total += length > 2 ** 30 ? 0 : length) > settings.MAX_CONTENT_BYTES)',
      ),
    ],
  },
]

/** All of them. */
export const brokenServers: readonly BrokenServer[] = Object.entries({
  reading,
  answering,
  content,
  routing,
  refusing,
  surviving,
}).flatMap(([category, servers]) =>
  servers.map((server) => ({ ...server, category: category as Category })),
)
