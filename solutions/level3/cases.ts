/**
 * Experiments that tell a broken server from a correct one (task 3.10).
 *
 * Nearly every case asks again on the same connection: whatever a server leaves behind of one request, or forgets to
 * read, spoils the answer to the next. Where the assignment leaves a choice, both are allowed.
 */
import type { Case, Expected } from '../level1/case.ts'

const HOST = 'Host: a\r\n'

/** A request without content; `fields` are whole field lines. */
function ask(target: string, fields = '', method = 'GET', version = '1.1'): string {
  return `${method} ${target} HTTP/${version}\r\n${HOST}${fields}\r\n`
}

function post(target: string, fields: string, content: string): string {
  return ask(target, fields, 'POST') + content
}

/** The last request of a conversation, and its answer: nothing went wrong before. */
const goodbye = ask('/', 'Connection: close\r\n')
const farewell: Expected = {
  status: 200,
  fields: { Connection: ['close'], 'Content-Length': '13' },
  content: 'Hello, World!',
  closes: true,
}

const home: Expected = { status: 200, content: 'Hello, World!' }
const user7: Expected = { status: 200, content: '{"id":"7"}' }

function failed(status: number | readonly number[]): Expected {
  return {
    status,
    fields: { 'Content-Type': 'application/json', 'Content-Length': '*', Date: '*' },
  }
}

/** A refusal after which the connection closes, and nobody else is harmed. */
function refused(status: number): Expected {
  const { fields } = failed(status)
  return { status, fields: { ...fields, Connection: ['close'] }, closes: true, serves: true }
}

/** Several requests, and the answers to them, on a connection that stays good to the end. */
function conversation(
  title: string,
  requests: readonly string[],
  answers: readonly Expected[],
): Case {
  return { title, send: [...requests, goodbye].join(''), expect: [...answers, farewell] }
}

const connections: readonly Case[] = [
  conversation('stays open without being asked to', [ask('/'), ask('/users/7')], [home, user7]),
  {
    title: 'finds "close" in a list, in any letter case',
    send: ask('/', 'Connection: Upgrade ,\tCLOSE\r\n') + ask('/'),
    expect: { ...home, fields: { Connection: ['close'] }, closes: true },
  },
  {
    title: 'finds "close" in a second line, before keep-alive',
    send: ask('/', 'Connection: keep-alive\r\nconnection: close\r\n') + ask('/'),
    expect: { ...home, closes: true },
  },
  conversation(
    'takes only the whole word for close',
    [ask('/', 'Connection: closed, x-close\r\n')],
    [home],
  ),
  {
    title: 'closes after HTTP/1.0',
    send: 'GET / HTTP/1.0\r\n\r\n',
    expect: { ...home, fields: { Connection: ['close'] }, closes: true },
  },
  {
    title: 'keeps HTTP/1.0 open that asks for it, says so, and closes when it no longer asks',
    send: ask('/', 'Connection: x, Keep-Alive\r\n', 'GET', '1.0') + ask('/', '', 'GET', '1.0'),
    expect: [
      { ...home, fields: { Connection: ['keep-alive'] } },
      { ...home, closes: true },
    ],
  },
  {
    title: 'closes after HTTP/1.0 that says both',
    send: ask('/', 'Connection: keep-alive, close\r\n', 'GET', '1.0'),
    expect: { ...home, closes: true },
  },
  conversation(
    'reads content that nobody wants to its end',
    [
      post('/', 'Content-Length: 40\r\n', goodbye.slice(0, 40)),
      post('/nothing', 'Content-Length: 3\r\n', 'abc'),
    ],
    [failed(405), failed(404)],
  ),
  conversation(
    'reads chunks that nobody wants to their end',
    [ask('/', 'Transfer-Encoding: chunked\r\n'), '3\r\nGET\r\n0\r\nA: b\r\n\r\n'],
    [home],
  ),
  conversation(
    'keeps nothing of a request for the next one',
    [
      post('/echo', 'Content-Type: text/x\r\nContent-Length: 3\r\n', 'abc'),
      post('/echo', 'Content-Length: 0\r\n', ''),
      ask('/users/8/posts/9'),
      ask('/users/7'),
    ],
    [
      { status: 200, fields: { 'Content-Type': 'text/x' }, content: 'abc' },
      { status: 200, fields: { 'Content-Type': 'application/octet-stream' }, content: '' },
      { status: 200, content: '{"id":"8","postId":"9"}' },
      user7,
    ],
  ),
  conversation(
    'sends nothing after the head of a HEAD',
    [ask('/', '', 'HEAD'), ask('/nothing', '', 'HEAD'), ask('/bytes/300', '', 'HEAD')],
    [
      { status: 200, fields: { 'Content-Length': '13' }, content: '', to: 'HEAD' },
      { status: 404, content: '', to: 'HEAD' },
      { status: 200, fields: { 'Content-Length': '300' }, content: '', to: 'HEAD' },
    ],
  ),
  conversation(
    'goes on after what is not the fault of the framing',
    [ask('/fail'), ask('/nothing'), ask('/', '', 'DELETE')],
    [failed(500), failed(404), failed(405)],
  ),
  {
    title: 'answers what is due to a client that has sent FIN',
    send: ask('/work') + ask('/users/7'),
    end: true,
    expect: [
      { status: 200, content: 'done' },
      { ...user7, closes: true, serves: true },
    ],
  },
  {
    title: 'refuses a request that FIN cuts off',
    send: `${ask('/')}GET / HTTP/1.1\r\nHo`,
    end: true,
    expect: [home, refused(400)],
  },
  conversation('skips empty lines between requests', ['\r\n', ask('/'), '\r\n\r\n'], [home]),
]

const pipelining: readonly Case[] = [
  conversation(
    'answers in the order of the requests',
    [ask('/work'), ask('/users/7'), ask('/fib/20'), ask('/')],
    [
      { status: 200, content: 'done' },
      user7,
      { status: 200, content: '{"n":20,"value":6765}' },
      home,
    ],
  ),
  conversation(
    'loses none of many',
    Array.from({ length: 40 }, (_, i) => ask(`/users/${i}`)),
    Array.from({ length: 40 }, (_, i) => ({ status: 200, content: `{"id":"${i}"}` })),
  ),
  conversation(
    'lets what changes something wait for its turn',
    [ask('/work'), post('/echo', 'Content-Length: 3\r\n', 'abc'), ask('/users/7')],
    [{ status: 200, content: 'done' }, { status: 200, content: 'abc' }, user7],
  ),
  {
    title: 'answers what was due before a request that is wrong, and nothing after it',
    send: `${ask('/work')}${ask('/')}GET  / HTTP/1.1\r\n\r\n${ask('/')}`,
    expect: [{ status: 200, content: 'done' }, home, refused(400)],
  },
  {
    title: 'finds requests whatever the reads',
    send: [...(ask('/users/7') + goodbye)],
    expect: [user7, farewell],
  },
  conversation(
    'sends content of unknown length in chunks, without Content-Length and trailers',
    [ask('/stream/3'), ask('/stream/0')],
    [
      {
        status: 200,
        fields: {
          'Transfer-Encoding': ['chunked'],
          'Content-Length': null,
          Trailer: null,
          'Content-Type': 'text/plain; charset=utf-8',
        },
        content: 'line 1\nline 2\nline 3\n',
      },
      { status: 200, content: '' },
    ],
  ),
  conversation(
    'writes the sizes of chunks in hexadecimal',
    [ask('/stream/1000')],
    [{ status: 200, content: Array.from({ length: 1_000 }, (_, i) => `line ${i + 1}\n`).join('') }],
  ),
  conversation(
    'announces the trailer that was asked for',
    [ask('/stream/2', 'TE: gzip;q=0.5\r\nTE: Trailers\r\n')],
    [{ status: 200, fields: { Trailer: '*' }, content: 'line 1\nline 2\n' }],
  ),
  {
    title: 'ends content of unknown length with the connection for HTTP/1.0',
    send: ask('/stream/2', 'Connection: keep-alive\r\n', 'GET', '1.0'),
    expect: {
      status: 200,
      fields: { 'Transfer-Encoding': null, 'Content-Length': null },
      content: 'line 1\nline 2\n',
      closes: true,
    },
  },
  conversation(
    'makes no content of unknown length for HEAD',
    [ask('/stream/1000000', '', 'HEAD')],
    [{ status: 200, fields: { 'Content-Length': null }, content: '', to: 'HEAD' }],
  ),
]

const routing: readonly Case[] = [
  conversation(
    'decodes a parameter once, and takes no encoded slash for a border',
    [
      ask('/users/a%2Fb'),
      ask('/users/%252F'),
      ask('/users/%C3%A9%20+'),
      ask('/users/7/posts/x%2fy'),
    ],
    [
      { status: 200, content: '{"id":"a/b"}' },
      { status: 200, content: '{"id":"%2F"}' },
      { status: 200, content: '{"id":"\xc3\xa9 +"}' },
      { status: 200, content: '{"id":"7","postId":"x/y"}' },
    ],
  ),
  conversation(
    'compares segments after decoding, and exactly',
    [
      ask('/%75sers/7'),
      ask('/Users/7'),
      ask('/users/7/'),
      ask('//users/7'),
      ask('/users/'),
      ask('/users'),
    ],
    [user7, failed(404), failed(404), failed(404), failed(404), failed(404)],
  ),
  conversation(
    'says what a path is served by',
    [
      ask('/', '', 'POST'),
      ask('/echo'),
      ask('/users/7', '', 'DELETE'),
      ask('/static/hello.txt', '', 'PUT'),
    ],
    [
      { ...failed(405), fields: { Allow: ['GET', 'HEAD', 'OPTIONS'] } },
      { ...failed(405), fields: { Allow: ['POST', 'OPTIONS'] } },
      { ...failed(405), fields: { Allow: ['GET', 'HEAD', 'OPTIONS'] } },
      { ...failed(405), fields: { Allow: ['GET', 'HEAD', 'OPTIONS'] } },
    ],
  ),
  conversation(
    'answers OPTIONS on routes only',
    [ask('/users/7', '', 'OPTIONS'), ask('/nothing', '', 'OPTIONS'), ask('*', '', 'OPTIONS')],
    [
      { status: 204, fields: { Allow: ['GET', 'HEAD', 'OPTIONS'], 'Content-Length': null } },
      failed(404),
      { status: 204, fields: { Allow: '*' } },
    ],
  ),
  conversation(
    'finds its own routes beside the earlier ones',
    [
      ask('/health'),
      ask('/health', '', 'HEAD'),
      ask('/health/x'),
      ask('/greet?name=a%20b'),
      ask('http://b/users/7?x'),
    ],
    [
      { status: 200, fields: { 'Content-Type': 'application/json' } },
      { status: 200, content: '', to: 'HEAD' },
      failed(404),
      { status: 200, content: 'Hello, a b!' },
      user7,
    ],
  ),
  { title: 'refuses a bad escape', send: ask('/users/%zz') + ask('/'), expect: refused(400) },
  { title: 'refuses escapes that are not UTF-8', send: ask('/nothing/%ff'), expect: refused(400) },
]

const hello: Expected = {
  status: 200,
  fields: {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': '12',
    ETag: '*',
    'Last-Modified': '*',
  },
  content: 'Hello, file!',
}
const everyByte = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte)).join('')

const files: readonly Case[] = [
  conversation(
    'sends files byte for byte, with their types',
    [ask('/static/hello.txt'), ask('/static/bytes.bin'), ask('/static/empty.txt')],
    [
      hello,
      { status: 200, fields: { 'Content-Type': 'application/octet-stream' }, content: everyByte },
      { status: 200, fields: { 'Content-Length': '0' }, content: '' },
    ],
  ),
  conversation(
    'answers HEAD of a file with the fields of GET',
    [ask('/static/letters.txt', 'Range: bytes=0-3\r\n', 'HEAD')],
    [{ status: 200, fields: { 'Content-Length': '26', ETag: '*' }, content: '', to: 'HEAD' }],
  ),
  conversation(
    'decodes names once, and lets dots be dots',
    [ask('/static/two%20words.txt'), ask('/static/a..b.txt'), ask('/static/%68ello.txt?x=1')],
    [{ status: 200, content: 'two words' }, { status: 200, content: 'two dots' }, hello],
  ),
  conversation(
    'serves nothing outside, nothing hidden, and normalises nothing',
    [
      '/static/../main.js',
      '/static/%2e%2e/main.js',
      '/static/..%2fmain.js',
      '/static/%252e%252e/main.js',
      '/static/..%5cmain.js',
      '/static/docs/../hello.txt',
      '/static/./hello.txt',
      '/static//hello.txt',
      '/static/docs%2findex.html',
      '/static/docs%5Cindex.html',
      '/static/docs\\index.html',
      '/static//etc/passwd',
      '/static/%2fetc%2fpasswd',
      '/static/.secret',
      'http://a/static/../main.js',
      '/static/hello.txt/',
      '/static/nothing.txt',
      '/static/two%2520words.txt',
      '/static',
    ].map((target) => ask(target)),
    Array.from({ length: 19 }, () => failed(404)),
  ),
  { title: 'refuses NUL in a name', send: ask('/static/hello.txt%00.html'), expect: refused(400) },
  {
    title: 'refuses a bad escape in a name',
    send: ask('/static/hello%2.txt'),
    expect: refused(400),
  },
  conversation(
    'leads to a folder, and serves its index',
    [ask('/static/docs?x=1'), ask('/static/docs/'), ask('/static/')],
    [
      { status: 308, fields: { Location: '/static/docs/?x=1' } },
      { status: 200, fields: { 'Content-Type': 'text/html; charset=utf-8' } },
      { status: 200, fields: { 'Content-Type': 'text/html; charset=utf-8' } },
    ],
  ),
]

/** When the files were written is not known: these two dates are before, and after. */
const LONG_AGO = 'Thu, 01 Jan 1970 00:00:00 GMT'
const TO_COME = 'Fri, 01 Jan 2100 00:00:00 GMT'

/** Asks for `hello.txt` on one condition after the other. */
function onConditions(
  title: string,
  conditions: readonly (readonly [fields: string, status: number])[],
): Case {
  return conversation(
    title,
    conditions.map(([fields]) => ask('/static/hello.txt', `${fields}\r\n`)),
    conditions.map(([, status]) =>
      status === 200 ? hello : status === 304 ? notModified : { status },
    ),
  )
}

const notModified: Expected = {
  status: 304,
  fields: { ETag: '*', 'Content-Type': null },
  content: '',
}

const conditions: readonly Case[] = [
  onConditions('looks at entity tags before dates', [
    ['If-Match: "other"', 412],
    ['If-Match: *', 200],
    [`If-Match: *\r\nIf-Unmodified-Since: ${LONG_AGO}`, 200],
    ['If-None-Match: *', 304],
    ['If-None-Match: "a", W/"b"', 200],
    [`If-None-Match: "other"\r\nIf-Modified-Since: ${LONG_AGO}`, 200],
    ['If-Match: *\r\nIf-None-Match: *', 304],
    ['If-Match: "other"\r\nIf-None-Match: *', 412],
  ]),
  onConditions('compares dates, in each of their three forms', [
    [`If-Modified-Since: ${LONG_AGO}`, 200],
    [`If-Unmodified-Since: ${TO_COME}`, 200],
    [`If-Unmodified-Since: ${LONG_AGO}`, 412],
    ['If-Unmodified-Since: Sunday, 06-Nov-94 08:49:37 GMT', 412],
    ['If-Unmodified-Since: Sun Nov  6 08:49:37 1994', 412],
  ]),
  onConditions('ignores dates to come and dates that are none', [
    [`If-Modified-Since: ${TO_COME}`, 200],
    ['If-Modified-Since: yesterday', 200],
    ['If-Unmodified-Since: 1970', 200],
  ]),
]

const letters: Expected = {
  status: 200,
  fields: { 'Content-Length': '26' },
  content: 'abcdefghijklmnopqrstuvwxyz',
}

function part(range: string, content: string): Expected {
  const fields = { 'Content-Range': `bytes ${range}/26`, 'Content-Length': String(content.length) }
  return { status: 206, fields, content }
}

/** Asks for one range of `letters.txt` after the other. */
function onRanges(
  title: string,
  asked: readonly (readonly [fields: string, answer: Expected])[],
): Case {
  return conversation(
    title,
    asked.map(([fields]) => ask('/static/letters.txt', `${fields}\r\n`)),
    asked.map(([, answer]) => answer),
  )
}

const unsatisfiable: Expected = { status: 416, fields: { 'Content-Range': 'bytes */26' } }

const ranges: readonly Case[] = [
  onRanges('sends the part that was asked for', [
    ['Range: bytes=0-0', part('0-0', 'a')],
    ['Range: bytes=2-4', part('2-4', 'cde')],
    ['Range: bytes=24-', part('24-25', 'yz')],
    ['Range: bytes=24-99', part('24-25', 'yz')],
    ['Range: bytes=-2', part('24-25', 'yz')],
    ['Range: bytes=-99', part('0-25', letters.content ?? '')],
    ['Range: BYTES= 2-4 ,', part('2-4', 'cde')],
    [`Range: bytes=25-${'9'.repeat(30)}`, part('25-25', 'z')],
  ]),
  onRanges('says that a range lies nowhere', [
    ['Range: bytes=26-', unsatisfiable],
    ['Range: bytes=-0', unsatisfiable],
    ['Range: bytes=30-40, 50-', unsatisfiable],
    [`Range: bytes=${'9'.repeat(30)}-`, unsatisfiable],
  ]),
  onRanges('ignores what is no range', [
    ['Range: lines=0-3', letters],
    ['Range: bytes=4-2', letters],
    ['Range: bytes=a-b', letters],
    ['Range: bytes=-', letters],
    ['Range: bytes=', letters],
    ['Range: bytes=0-3, x', letters],
    ['Range: 0-3', letters],
  ]),
  onRanges('sends several parts, or all, but never more than there is', [
    ['Range: bytes=0-1, 4-5', { status: 206, fields: { 'Content-Range': null } }],
    ['Range: bytes=2-4 ,\t30-40', { status: 206 }],
    ['Range: bytes=0-20, 10-25', letters],
    [`Range: bytes=${Array.from({ length: 17 }, (_, i) => `${i}-${i}`).join(',')}`, letters],
  ]),
  onRanges('sends a part only of what the client has', [
    ['If-Range: "other"\r\nRange: bytes=0-3', letters],
    [`If-Range: ${LONG_AGO}\r\nRange: bytes=0-3`, letters],
    ['If-Match: *\r\nRange: bytes=0-3', part('0-3', 'abcd')],
    ['If-None-Match: *\r\nRange: bytes=0-3', notModified],
    ['If-Match: "other"\r\nRange: bytes=99-', { status: 412 }],
  ]),
  conversation(
    'finds no range in an empty file',
    [
      ask('/static/empty.txt', 'Range: bytes=0-\r\n'),
      ask('/static/empty.txt', 'Range: bytes=-5\r\n'),
    ],
    [
      { status: 416, fields: { 'Content-Range': 'bytes */0' } },
      { status: 416, fields: { 'Content-Range': 'bytes */0' } },
    ],
  ),
]

/** A refusal has one shape. The sentence in it is everybody's own. */
const refusing: readonly Case[] = [
  {
    title: 'refuses an unknown method',
    send: ask('/nothing', '', 'BREW') + ask('/'),
    expect: refused(501),
  },
  { title: 'refuses HTTP/2.0', send: ask('/', '', 'GET', '2.0'), expect: refused(505) },
  { title: 'refuses a long request line', send: `GET /${'a'.repeat(8192)}`, expect: refused(414) },
  {
    title: 'refuses a large header section on a connection that was good before',
    send: ask('/') + ask('/', `X: ${'x'.repeat(16_384)}\r\n`),
    expect: [home, refused(431)],
  },
  {
    title: 'refuses large content, whole answer first',
    send: post('/echo', 'Content-Length: 1048577\r\n', 'x'.repeat(100_000)),
    expect: refused(413),
  },
  {
    title: 'refuses two lengths',
    send:
      post('/echo', 'Content-Length: 3\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n') + ask('/'),
    expect: refused(400),
  },
  {
    title: 'refuses a second Host on a connection that was good before',
    send: ask('/') + ask('/', HOST),
    expect: [home, refused(400)],
  },
  {
    title: 'refuses another expectation',
    send: post('/echo', 'Expect: 200-ok\r\nContent-Length: 1\r\n', ''),
    expect: refused(417),
  },
  {
    title: 'refuses before it asks for content, and closes',
    send: post('/nothing', 'Expect: 100-continue\r\nContent-Length: 3\r\n', ''),
    expect: { status: 404, fields: { Connection: ['close'] }, closes: true },
  },
  {
    title: 'refuses a parameter out of range, and nothing after it is answered',
    send: ask('/fib/41') + ask('/'),
    expect: refused(400),
  },
  {
    title: 'refuses more lines than there may be',
    send: ask('/stream/1000001'),
    expect: refused(400),
  },
]

export const cases: readonly Case[] = [
  ...connections,
  ...pipelining,
  ...routing,
  ...files,
  ...conditions,
  ...ranges,
  ...refusing,
]
