/**
 * Experiments that tell a broken server from a correct one (task 1.7).
 *
 * One case for every way in which we could imagine a server of this level to be wrong. Where two
 * answers are right, both are allowed: a false alarm costs as much as a caught server brings.
 */
import type { Case, Expected } from './case.ts'

const HOST = 'Host: a\r\n'

/** A request without content. */
function get(target: string): string {
  return `GET ${target} HTTP/1.1\r\n${HOST}\r\n`
}

/** A request to `/echo` with these field lines, each with its CRLF, and this content. */
function post(fieldLines: string, content = ''): string {
  return `POST /echo HTTP/1.1\r\n${HOST}${fieldLines}\r\n${content}`
}

/** The greeting of `name`, whose bytes are written one a character. */
function greets(name: string): Expected {
  const content = `Hello, ${name}!`
  return { status: 200, fields: { 'Content-Length': String(content.length) }, content }
}

const home: Expected = { status: 200, content: 'Hello, World!' }

/** A refusal is a whole answer, ends with FIN, and harms nobody else. */
function refused(status: number | readonly number[]): Expected {
  const fields = { Date: '*', 'Content-Length': '*', Connection: ['close'] }
  return { status, fields, closes: true, serves: true }
}

const everyByte = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte)).join('')

/** Begins and ends with what a server could trim, or take for the end of something. */
const mebibyte = `\r\n\r\n${everyByte.repeat(4096).slice(8)}\r\n\r\n`

const reading: readonly Case[] = [
  {
    title: 'reads a head that comes byte by byte, and skips empty lines before it',
    send: [...`\r\n\r\n${get('/')}`],
    expect: home,
  },
  {
    title: 'finds a field whatever its letter case, and takes its value without SP and HTAB around',
    send: [
      'POST /echo HTTP/1.1\r\nhOST:[::1]:8080\r\n',
      'CONTENT-length: \t010\t \r\ncontent-Type:\ta/b;c="d:e" \r\n\r\n0123456789',
    ],
    expect: { status: 200, fields: { 'Content-Type': 'a/b;c="d:e"' }, content: '0123456789' },
  },
  {
    title: 'serves a target in absolute-form, whose empty path is /',
    send: get('http://example.com:80?x=1'),
    expect: home,
  },
  {
    title: 'serves HTTP/1.0 without Host, and closes',
    send: 'GET / HTTP/1.0\r\n\r\n',
    expect: { ...home, closes: true },
  },
  {
    title: 'serves a later minor version, and ignores Expect',
    send: `GET / HTTP/1.7\r\n${HOST}Expect: 100-continue\r\n\r\n`,
    expect: home,
  },
  { title: 'allows an empty Host', send: 'GET / HTTP/1.1\r\nHost:\r\n\r\n', expect: home },
  {
    title: 'serves a request line of exactly 8192 bytes and a header section of exactly 16384',
    send: `GET /?${'q'.repeat(8192 - 'GET /? HTTP/1.1'.length)} HTTP/1.1\r\n${HOST}X: ${'x'.repeat(16_384 - HOST.length - 'X: \r\n\r\n'.length)}\r\n\r\n`,
    expect: home,
  },
]

const answering: readonly Case[] = [
  {
    title: 'sends every field that an answer needs, then FIN',
    send: get('/'),
    expect: {
      status: 200,
      fields: {
        Date: '*',
        'Content-Type': 'text/plain; charset=utf-8',
        'Content-Length': '13',
        Connection: ['close'],
      },
      content: 'Hello, World!',
      closes: true,
      serves: true,
    },
  },
  {
    // Content after the head would stand between the answer and FIN.
    title: 'answers HEAD with the fields of GET and no content',
    send: `HEAD / HTTP/1.1\r\n${HOST}\r\n`,
    expect: { status: 200, fields: { 'Content-Length': '13' }, content: '', closes: true },
  },
  {
    title: 'sends no content with a refusal of HEAD',
    send: `HEAD /nothing HTTP/1.1\r\n${HOST}\r\n`,
    expect: { ...refused(404), content: '' },
  },
  {
    title: 'counts bytes, not characters',
    send: get('/greet?name=Zo%C3%AB+%E2%82%AC'),
    expect: { ...greets('Zo\xc3\xab \xe2\x82\xac'), closes: true },
  },
  {
    title: 'answers one request and ignores what follows it, even if that is FIN',
    send: get('/') + get('/greet'),
    end: true,
    expect: { ...home, closes: true },
  },
]

const content: readonly Case[] = [
  {
    title: 'gives back every byte, up to exactly 1 MiB, and names the default type',
    send: post('Content-Length: 1048576\r\n', mebibyte),
    expect: {
      status: 200,
      fields: { 'Content-Type': 'application/octet-stream', 'Content-Length': '1048576' },
      content: mebibyte,
    },
  },
  {
    title: 'waits for content that comes in later reads',
    send: [post('Content-Length: 9\r\n'), 'one', 'two', 'six'],
    expect: { status: 200, content: 'onetwosix' },
  },
  {
    title: 'takes no more content than was announced',
    send: post('Content-Length: 3\r\n', 'abcdef'),
    expect: { status: 200, content: 'abc', closes: true },
  },
  {
    title: 'takes a request without Content-Length for one without content',
    send: post(''),
    expect: { status: 200, fields: { 'Content-Length': '0' }, content: '' },
  },
]

const routing: readonly Case[] = [
  { title: 'keeps a slash at the end of a path', send: get('/greet/'), expect: refused(404) },
  { title: 'tells letter cases of a path apart', send: get('/GREET'), expect: refused(404) },
  {
    title: 'takes slashes in a row for what they are',
    send: get('//greet'),
    expect: refused(404),
  },
  { title: 'decodes a path once, not twice', send: get('/%2567reet'), expect: refused(404) },
  {
    title: 'looks for the query before it decodes',
    send: get('/greet%3Fname=Ada'),
    expect: refused(404),
  },
  {
    title: 'answers 405 with Allow where GET is served',
    send: `DELETE /greet HTTP/1.1\r\n${HOST}\r\n`,
    expect: { status: 405, fields: { Allow: ['GET', 'HEAD'] }, closes: true },
  },
  {
    title: 'answers 405 with Allow where POST is served',
    send: get('/echo'),
    expect: { status: 405, fields: { Allow: ['POST'] }, closes: true },
  },
  {
    title: 'answers 404 rather than 405 where there is no route',
    send: `PATCH /nothing HTTP/1.1\r\n${HOST}\r\n`,
    expect: { status: 404, fields: { Allow: null } },
  },
  {
    title: 'greets a stranger, also one who sends content with GET',
    send: `GET /greet?nickname=Ada HTTP/1.1\r\n${HOST}Content-Length: 3\r\n\r\nabc`,
    expect: greets('stranger'),
  },
  {
    title: 'decodes a path, and the query as a form: +, escapes, the first of two, = and ?',
    send: get('/%67reet?x=1&name=A+%2B%21=?&name=B'),
    expect: greets('A +!=?'),
  },
  { title: 'greets an empty name', send: get('/greet?name='), expect: greets('') },
  {
    title: 'leaves a bad escape in a query as it is, and replaces broken UTF-8',
    send: get('/greet?name=100%zz%FF'),
    expect: { ...greets('100%zz\xef\xbf\xbd'), serves: true },
  },
]

const refusing: readonly Case[] = [
  { title: 'refuses HTTP/0.9, and does not wait', send: 'GET /\r\n', expect: refused(400) },
  {
    title: 'refuses two spaces in the request line',
    send: `GET  / HTTP/1.1\r\n${HOST}\r\n`,
    expect: refused(400),
  },
  {
    title: 'refuses a space at the end of the request line',
    send: `GET / HTTP/1.1 \r\n${HOST}\r\n`,
    expect: refused(400),
  },
  {
    title: 'refuses a version in small letters',
    send: `GET / http/1.1\r\n${HOST}\r\n`,
    expect: refused(400),
  },
  {
    title: 'refuses a version with too many digits',
    send: `GET / HTTP/1.10\r\n${HOST}\r\n`,
    expect: refused(400),
  },
  {
    title: 'answers 505 to another major version',
    send: `GET / HTTP/2.0\r\n${HOST}\r\n`,
    expect: refused(505),
  },
  { title: 'refuses a fragment in the target', send: get('/#top'), expect: refused(400) },
  { title: 'refuses * for GET', send: get('*'), expect: refused(400) },
  {
    title: 'refuses field lines that end with LF alone, and does not wait',
    send: 'GET / HTTP/1.1\r\nHost: a\nX: b\n\n',
    expect: refused(400),
  },
  ...[
    { what: 'CR inside a value', lines: 'Host: a\r\nX: b\rc\r\n' },
    { what: 'NUL inside a value', lines: 'Host: a\r\nX: b\0c\r\n' },
    { what: 'a folded line', lines: 'Host: a\r\nX: b\r\n c: d\r\n' },
    { what: 'a space before the colon', lines: 'Host: a\r\nX : b\r\n' },
    { what: 'a line without a colon', lines: 'Host: a\r\nX\r\n' },
    { what: 'an empty name', lines: 'Host: a\r\n: b\r\n' },
    { what: 'no Host', lines: 'X: b\r\n' },
    { what: 'two Hosts', lines: 'Host: a\r\nhost: a\r\n' },
    { what: 'a Host that is none', lines: 'Host: a/b\r\n' },
    { what: '+3 for a length', lines: 'Host: a\r\nContent-Length: +3\r\n' },
    { what: 'an empty length', lines: 'Host: a\r\nContent-Length:\r\n' },
    { what: 'two lengths', lines: 'Host: a\r\nContent-Length: 3\r\nContent-Length: 3\r\n' },
  ].map(({ what, lines }) => ({
    title: `refuses ${what}`,
    send: `POST /echo HTTP/1.1\r\n${lines}\r\nabc`,
    expect: refused(400),
  })),
  {
    title: 'answers 414 to a request line of 8193 bytes',
    send: get(`/?${'q'.repeat(8193 - 'GET /? HTTP/1.1'.length)}`),
    expect: refused(414),
  },
  {
    title: 'answers 431 to a header section of 16385 bytes',
    send: `GET / HTTP/1.1\r\n${HOST}X: ${'x'.repeat(16_385 - HOST.length - 'X: \r\n\r\n'.length)}\r\n\r\n`,
    expect: refused(431),
  },
  {
    title: 'answers 413 to content of 1 MiB and a byte, without waiting for it',
    send: post('Content-Length: 1048577\r\n'),
    expect: refused(413),
  },
  {
    // More than the buffers between us hold: a server that closes too early resets us.
    title: 'lets a client that is refused finish sending',
    send: post('Content-Length: 8388608\r\n', 'm'.repeat(8_388_608)),
    expect: refused(413),
  },
  {
    title: 'answers 404 before it looks at the size of the content',
    send: `POST /nothing HTTP/1.1\r\n${HOST}Content-Length: ${'9'.repeat(30)}\r\n\r\n`,
    expect: refused(404),
  },
  {
    title: 'answers 501 to a transfer coding',
    send: post('Transfer-Encoding: chunked\r\n', '0\r\n\r\n'),
    expect: refused(501),
  },
  {
    title: 'answers 501 to a method it does not know, on any path',
    send: `get /nothing HTTP/1.1\r\n${HOST}\r\n`,
    expect: refused(501),
  },
  {
    title: 'refuses a head cut off by FIN',
    send: 'GET / HTTP/1.1\r\nHost: a\r\n',
    end: true,
    expect: refused(400),
  },
  {
    title: 'refuses content cut off by FIN',
    send: post('Content-Length: 4\r\n', 'abc'),
    end: true,
    expect: refused(400),
  },
]

const surviving: readonly Case[] = [
  { title: 'survives a request line of one word', send: 'GET\r\n\r\n', expect: refused(400) },
  {
    title: 'survives a bad escape in a path',
    send: get('/%zz'),
    expect: refused([400, 404]),
  },
]

export const cases: readonly Case[] = [
  ...reading,
  ...answering,
  ...content,
  ...routing,
  ...refusing,
  ...surviving,
]
