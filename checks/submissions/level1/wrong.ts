/**
 * The faults of level 1's starter, one by one, each put into the reference.
 *
 * What a suite is worth: each must fail exactly the tests that are about its fault.
 */
import type { Edit } from '../../../tests/kit/edited.ts'
import type { WrongServer } from '../../kit/wrong-servers.ts'

function edit(file: string, find: string, replace: string): Edit {
  return { file: `level1/${file}`, find, replace }
}

export const wrongServers: readonly WrongServer[] = [
  {
    name: 'reads-once',
    what: 'takes one read for one request',
    task: '1.1',
    edits: [
      edit('input.ts', '  readonly #buffer =', '  #hasRead = false\n  readonly #buffer ='),
      edit(
        'input.ts',
        'const read =',
        'if (this.#hasRead) return false\n    this.#hasRead = true\n    const read =',
      ),
    ],
    fails: [
      'answers a request that arrives one byte at a time',
      'joins lines that are cut between reads, a CRLF cut in half among them',
      'gives the same answer wherever the bytes are cut',
      'answers a request with content of which every byte comes alone',
      'keeps a long header section together that comes in many reads',
      'ignores fields that it does not know, whatever their names and values',
      'takes SP and HTAB for white space around a value, and nothing else',
      'skips any number of empty lines before the request line, also in parts',
      'serves content and a query to HTTP/1.0',
      'ignores Expect',
      'ignores the bytes after a request, whatever they are',
    ],
  },
  {
    name: 'counts-characters',
    what: 'counts characters for bytes',
    task: '1.2',
    edits: [
      edit(
        'response.ts',
        '`Content-Length: ${content.length}`',
        '`Content-Length: ${content.toString().length}`',
      ),
    ],
    fails: ['counts Content-Length in bytes', 'counts the bytes of every letter'],
  },
  {
    name: 'always-200',
    what: 'answers 200 to everything',
    task: '1.4',
    edits: [edit('response.ts', 'text(error.message, error.status,', 'text(error.message, 200,')],
    fails: [
      'answers 404 where there is no route',
      'answers 405 to a method that the route does not serve, and lists in Allow what it serves',
      'compares a path after decoding it once, exactly, and without the query',
      'answers 405 and the right Allow to every known method that a route does not serve',
      'answers 404 to every known method where there is no route',
      'takes no other path for a route',
      'answers 404 to names that every object has',
      'decodes the segments of a path once, and only once',
      'survives a bad escape in a path',
      'keeps the query out of the path',
      'does the work for /work alone',
    ],
  },
  {
    name: 'content-to-head',
    what: 'sends content to HEAD',
    task: '1.2',
    edits: [edit('response.ts', "return method === 'HEAD' ? head : Buffer", 'return Buffer')],
    fails: [
      'answers HEAD with the fields of GET and no content',
      'refuses a HEAD without content',
      'puts all of its fields on every kind of answer',
      'answers HEAD with exactly the fields of GET',
      'refuses a HEAD without content, whatever is wrong with it',
    ],
  },
  {
    name: 'names-by-case',
    what: 'finds field names by letter case',
    task: '1.1',
    edits: [
      edit('header-section.ts', 'name: name.toLowerCase()', 'name'),
      edit('header-section.ts', "headers.get('host')", "headers.get('Host')"),
      edit('header-section.ts', "headers.get('content-length')", "headers.get('Content-Length')"),
      edit(
        'header-section.ts',
        "headers.has('transfer-encoding')",
        "headers.has('Transfer-Encoding')",
      ),
      edit('routes.ts', "headers.get('content-type')", "headers.get('Content-Type')"),
    ],
    fails: [
      'joins lines that are cut between reads, a CRLF cut in half among them',
      'finds a field in any letter case, and takes its value without SP and HTAB around',
    ],
  },
  {
    name: 'dies-of-a-bad-request',
    what: 'dies of a malformed request',
    task: '1.5',
    edits: [
      edit(
        'server.ts',
        'serve(socket, settings).catch((error: unknown) => {',
        'serve(socket, settings).catch((error: unknown) => {\n      if (error instanceof RequestError) throw error',
      ),
      edit(
        'server.ts',
        'if (!(error instanceof RequestError)) throw error\n',
        "if (!(error instanceof RequestError)) throw error\n    if (error.code.startsWith('INVALID_')) throw error\n",
      ),
    ],
    fails: [
      'answers 400 to two spaces in the request line',
      'answers 400 to a request line without a version, without waiting for more',
      'answers 400 to a target that has none of the forms',
      'answers 400 to a version with a digit too many',
      'answers 400 to lines that end with LF alone, without waiting for more',
      'answers 400 to a field line without a colon',
      'answers 400 to white space before the colon',
      'answers 400 to a folded line',
      'answers 400 to HTTP/1.1 without Host',
      'answers 400 to Host twice',
      'answers 400 to a Host that is none',
      'answers 400 to Content-Length twice, even with the same value',
      'answers 400 to a Content-Length that is no decimal number',
      'prints nothing but its line on stdout, whatever it is asked',
      'refuses a request line that is not three parts one space apart',
      'refuses a method that is no token',
      'refuses a target in none of the forms',
      'refuses a version that is misspelt',
      'refuses LF without CR anywhere in the head, and never waits for another end',
      'refuses CR without LF anywhere in the head',
      'refuses NUL anywhere in the head',
      'refuses every line that is no field line',
      'refuses a Host that is missing, repeated or none',
      'refuses a length that is no decimal number',
      'refuses a length that comes twice, whatever the values',
      'answers the first of two faults, in the order of the assignment',
      'gives the whole refusal, then FIN, to clients that go on sending',
      'sends one answer and no more after a bad request',
      'logs to stderr if it is told to, and never to stdout',
    ],
  },
  {
    name: 'dies-of-a-reset',
    what: 'dies of ECONNRESET',
    task: '1.5',
    edits: [
      edit(
        'server.ts',
        "socket.on('error', () => socket.destroy())",
        "socket.on('error', (error) => {\n      throw error\n    })",
      ),
    ],
    fails: [
      'goes on serving after a client has reset its connection half-way',
      'goes on serving after resets at any moment',
    ],
  },
  {
    name: 'keeps-requests',
    what: 'keeps every request it ever saw',
    task: '1.6',
    publicOnly: true,
    edits: [
      edit(
        'server.ts',
        '/** The life of a connection',
        'const history: unknown[] = []\n\n/** The life of a connection',
      ),
      edit(
        'server.ts',
        'return handler({',
        'history.push({ requestLine, headers, content })\n  return handler({',
      ),
    ],
    fails: ['reaches a size and stays there, however many requests it serves'],
  },
  {
    name: 'no-limits',
    what: 'has no limit on anything',
    task: '1.5',
    edits: [
      edit('server.ts', 'settings.MAX_REQUEST_LINE_BYTES', 'Infinity'),
      edit('server.ts', 'settings.MAX_HEADER_BYTES', 'Infinity'),
      edit('server.ts', 'settings.MAX_CONTENT_BYTES', 'Infinity'),
    ],
    fails: [
      'answers 413 to a Content-Length above the limit, without waiting for the content',
      'answers 414 to a request line above the limit',
      'answers 431 to a header section above the limit',
      'serves a request line and a header section of exactly the limits',
      'gives the whole refusal, then FIN, to a client that goes on sending',
      'keeps to the limits that it is given, to the byte',
      'counts every byte of a header section of many lines',
      'has the limits of the assignment when nobody sets them',
      'lets no request pass when a limit of the head is 0',
      'answers a head that never ends as soon as it is too long',
      'answers 413 at once, however large the length is',
      'answers the first of two faults, in the order of the assignment',
      'gives the whole refusal, then FIN, to clients that go on sending',
      'ends with exit code 0 when it is asked to, whatever clients are doing',
    ],
  },
  {
    name: 'cuts-content',
    what: 'cuts content at the first packet',
    task: '1.3',
    edits: [
      edit(
        'input.ts',
        'while (this.#buffer.length < count) await this.#readMore()\n    return this.#buffer.take(count)',
        'if (this.#buffer.length === 0 && count > 0) await this.#readMore()\n    return this.#buffer.take(Math.min(count, this.#buffer.length))',
      ),
    ],
    fails: [
      'waits for content that comes in later reads',
      'gives back content of any size, however it is cut',
      'puts content together from many reads',
      'serves content of exactly the limit, whatever the limit',
      'stops at Content-Length, also when more follows in later reads',
    ],
  },
  {
    name: 'no-date',
    what: 'omits Date',
    task: '1.2',
    edits: [edit('response.ts', '    `Date: ${new Date().toUTCString()}`,\n', '')],
    fails: [
      'sends Date, Content-Length and Connection: close once each, then the content, then FIN',
      'sends the fields of every answer with a refusal, too',
      'names the moment of the answer in Date',
      'puts all of its fields on every kind of answer',
      'makes Date anew as time goes by',
      'closes after its answer, also when it is asked to stay',
    ],
  },
  {
    name: 'always-works',
    what: 'takes 100 ms for every request',
    task: '1.4',
    edits: [
      edit('routes.ts', '  Atomics.wait(nobody, 0, 0, 100)\n', ''),
      edit(
        'server.ts',
        '  const handler = findHandler(requestLine)\n',
        '  const handler = findHandler(requestLine)\n  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100)\n',
      ),
    ],
    fails: ['answers GET / at least 50 ms quicker than GET /work', 'does the work for /work alone'],
  },
]
