/** Messages for the request parser, right and wrong, and what must come out of them. */
import type { Message } from './parser.ts'

const HOST = 'Host: a\r\n'

export const rightMessages: readonly Message[] = [
  {
    bytes: `GET /a%20b?c=%2F&d HTTP/1.1\r\n${HOST}\r\n`,
    gives: [
      {
        method: 'GET',
        target: '/a%20b?c=%2F&d',
        path: '/a%20b',
        query: 'c=%2F&d',
        version: 'HTTP/1.1',
        content: '',
      },
    ],
    why: 'path and query are handed on as they came, still encoded',
  },
  {
    bytes: `GET /?a?b HTTP/1.1\r\n${HOST}\r\n`,
    gives: [{ path: '/', query: 'a?b' }],
    why: 'the query begins at the first "?", and may hold others (RFC 3986 §3.4)',
  },
  {
    bytes: 'GET / HTTP/1.0\r\n\r\n',
    gives: [{ version: 'HTTP/1.0' }],
    why: 'HTTP/1.0 knows no Host (RFC 9112 §3.2)',
  },
  {
    bytes: `GET / HTTP/1.7\r\n${HOST}\r\n`,
    gives: [{ version: 'HTTP/1.1' }],
    why: 'a later minor version is read as the latest one known (RFC 9110 §2.5)',
  },
  {
    bytes: `GET http://example.com:80/x?y HTTP/1.1\r\n${HOST}\r\n`,
    gives: [
      {
        target: 'http://example.com:80/x?y',
        path: '/x',
        query: 'y',
        headers: { host: 'example.com:80' },
      },
    ],
    why: 'the authority of an absolute-form stands in place of Host (RFC 9112 §3.2.2)',
  },
  {
    bytes: `GET http://example.com HTTP/1.1\r\n${HOST}\r\n`,
    gives: [{ target: 'http://example.com', path: '/', query: '' }],
    why: 'an absolute-form without a path means "/" (RFC 9110 §4.2.3)',
  },
  {
    bytes: `OPTIONS * HTTP/1.1\r\n${HOST}\r\n`,
    gives: [{ method: 'OPTIONS', target: '*', path: '*', query: '' }],
    why: 'the asterisk-form is about the server as a whole (RFC 9112 §3.2.4)',
  },
  {
    bytes: `OPTIONS http://a/x HTTP/1.1\r\n${HOST}\r\n`,
    gives: [{ method: 'OPTIONS', path: '/x' }],
    why: 'OPTIONS may ask about one resource, too (RFC 9110 §9.3.7)',
  },
  {
    bytes: `GET / HTTP/1.1\r\n${HOST}X-Bytes: \xe9\xff\r\n\r\n`,
    gives: [{ headers: { host: 'a', 'x-bytes': '\xe9\xff' } }],
    why: 'each character of a field value is one byte (RFC 9110 §5.5)',
  },
  {
    bytes: `BREW /pot HTTP/1.1\r\n${HOST}\r\n`,
    gives: [{ method: 'BREW', path: '/pot' }],
    why: 'whether a method is known is not decided by the parser',
  },
  {
    bytes: `POP /pot HTTP/1.1\r\n${HOST}\r\n`,
    gives: [{ method: 'POP', path: '/pot' }],
    why: 'whether a method is known is not decided by the parser',
  },
  {
    bytes: `GET / HTTP/1.1\r\nhOsT:\t a \t\r\nX-A:b\r\nX-Empty:\r\nx-a:  c, d\r\nX-Colon: e:f: g\r\n\r\n`,
    gives: [{ headers: { host: 'a', 'x-a': 'b, c, d', 'x-empty': '', 'x-colon': 'e:f: g' } }],
    why: 'names ignore letter case, OWS is no part of a value, and lines of one name are joined (RFC 9110 §5.3)',
  },
  {
    bytes: `GET / HTTP/1.1\r\n${HOST}__proto__: x\r\nconstructor: y\r\nhasOwnProperty: z\r\n\r\n`,
    gives: [
      {
        headers: {
          host: 'a',
          ['__proto__']: 'x',
          ['constructor']: 'y',
          hasownproperty: 'z',
        } as Record<string, string>,
      },
    ],
    why: 'any token is a field name (RFC 9110 §5.1)',
  },
  {
    bytes: 'GET / HTTP/1.1\r\nHost:\r\n\r\n',
    gives: [{ headers: { host: '' } }],
    why: 'an empty Host is legal (RFC 9112 §3.2)',
  },
  {
    bytes: `\r\n\r\n\r\nGET / HTTP/1.1\r\n${HOST}\r\n`,
    gives: [{ method: 'GET', path: '/' }],
    why: 'empty lines before a request line are skipped (RFC 9112 §2.2)',
  },
  {
    bytes: `POST /echo HTTP/1.1\r\n${HOST}Content-Length: 006\r\n\r\n\r\n\r\n\0\xff`,
    gives: [{ content: '\r\n\r\n\0\xff' }],
    why: 'content is bytes, whatever they are (RFC 9110 §6.4)',
  },
  {
    bytes: `POST /a HTTP/1.1\r\n${HOST}X-First: 1\r\nContent-Length: 3\r\n\r\nabcGET /b HTTP/1.1\r\nHost: c\r\n\r\n\r\nPOST /c HTTP/1.1\r\n${HOST}Content-Length: 0\r\n\r\n`,
    gives: [
      { path: '/a', content: 'abc', headers: { 'x-first': '1' } },
      { path: '/b', content: '', headers: { host: 'c' } },
      { path: '/c', content: '' },
    ],
    state: 'idle',
    why: 'requests follow each other without a gap (RFC 9112 §9.3.2)',
  },
  {
    bytes: `POST /a HTTP/1.1\r\n${HOST}Transfer-Encoding: Chunked\r\n\r\n3;x="y"\r\nabc\r\n00B\r\n and chunks\r\n0\r\nHost: b\r\nX-Last: 1\r\n\r\nGET /b HTTP/1.1\r\n${HOST}\r\n`,
    gives: [
      { path: '/a', content: 'abc and chunks', headers: { host: 'a' } },
      { path: '/b', content: '' },
    ],
    state: 'idle',
    why: 'chunks end with an empty line, and the next request follows (RFC 9112 §7.1)',
  },
  {
    bytes: `GET http://b/1 HTTP/1.1\r\n${HOST}\r\nGET /2 HTTP/1.1\r\n${HOST}\r\nGET http://c/3 HTTP/1.1\r\n${HOST}\r\n`,
    gives: [
      { path: '/1', headers: { host: 'b' } },
      { path: '/2', headers: { host: 'a' } },
      { path: '/3', headers: { host: 'c' } },
    ],
    why: 'nothing of one request stays in the next',
  },
].map((message) => ({ fault: null, ...message }) as Message)

const refused: readonly [status: number | readonly number[], bytes: string, why: string][] = [
  [
    400,
    `GET  / HTTP/1.1\r\n${HOST}\r\n`,
    'the parts of a request line stand one space apart (RFC 9112 §3)',
  ],
  [400, `GET / HTTP/1.1 \r\n${HOST}\r\n`, 'nothing follows the version (RFC 9112 §3)'],
  [400, ` GET / HTTP/1.1\r\n${HOST}\r\n`, 'a request line begins with a method (RFC 9112 §3)'],
  [400, ` / HTTP/1.1\r\n${HOST}\r\n`, 'a request line begins with a method (RFC 9112 §3)'],
  [
    400,
    `GET\t/ HTTP/1.1\r\n${HOST}\r\n`,
    'the parts of a request line stand one space apart (RFC 9112 §3)',
  ],
  [
    400,
    `GET /\tHTTP/1.1\r\n${HOST}\r\n`,
    'the parts of a request line stand one space apart (RFC 9112 §3)',
  ],
  [400, 'GET /\r\n\r\n', 'a request line without a version is HTTP/0.9 (RFC 9112 §3)'],
  [400, 'HTTP/1.1\r\n\r\n', 'a request line has three parts (RFC 9112 §3)'],
  [400, `G{T / HTTP/1.1\r\n${HOST}\r\n`, 'a method is a token (RFC 9110 §9.1)'],
  [400, `GET greet HTTP/1.1\r\n${HOST}\r\n`, 'a target has one of four forms (RFC 9112 §3.2)'],
  [400, `GET * HTTP/1.1\r\n${HOST}\r\n`, 'the asterisk-form belongs to OPTIONS (RFC 9112 §3.2.4)'],
  [400, `OPTIONS x HTTP/1.1\r\n${HOST}\r\n`, 'a target has one of the forms of RFC 9112 §3.2'],
  [400, `GET *http://a/ HTTP/1.1\r\n${HOST}\r\n`, 'a scheme begins with a letter (RFC 3986 §3.1)'],
  [400, `GET /#x HTTP/1.1\r\n${HOST}\r\n`, 'a fragment stays with the client (RFC 9110 §7.1)'],
  [
    400,
    `GET / HTTP/1.10\r\n${HOST}\r\n`,
    'a version is HTTP/, one digit, a dot, one digit (RFC 9112 §2.3)',
  ],
  [400, `GET / http/1.1\r\n${HOST}\r\n`, 'the name of the protocol is in capitals (RFC 9112 §2.3)'],
  [400, `GET / HTTP/1.1x\r\n${HOST}\r\n`, 'a version ends with its minor digit (RFC 9112 §2.3)'],
  [400, `GET / HTTP/1.1\n${HOST}\r\n`, 'lines end with CRLF (RFC 9112 §2.2)'],
  [400, `GET / HTTP/1.1\r\nHost: a\nX: b\n\n`, 'lines end with CRLF (RFC 9112 §2.2)'],
  [
    400,
    `GET / HTTP/1.1\r\nHost: a\r\nX: b\rc\r\n\r\n`,
    'a CR stands before an LF only (RFC 9112 §2.2)',
  ],
  [
    400,
    `GET / HTTP/1.1\r\nHost: a\r\nX: b\rcZ: d\r\n\r\n`,
    'a CR alone does not end a line, whatever comes behind it (RFC 9112 §2.2)',
  ],
  [
    400,
    `GET / HTTP/1.1\r\nHost: a\r\nX: b\0c\r\n\r\n`,
    'NUL has no place in a field (RFC 9110 §5.5)',
  ],
  [400, `GET /\0 HTTP/1.1\r\n${HOST}\r\n`, 'NUL has no place in a target (RFC 9112 §3.2)'],
  [[400, 505], `GET / HTTP/0.9\r\n${HOST}\r\n`, 'HTTP/0.9 is not spoken here (RFC 9110 §15.6.6)'],
  [
    505,
    `GET / HTTP/2.0\r\n${HOST}\r\n`,
    'only the major version 1 is spoken here (RFC 9110 §15.6.6)',
  ],
  [400, `GET / HTTP/1.1\r\n${HOST}X\r\n\r\n`, 'a field line has a colon (RFC 9112 §5)'],
  [400, `GET / HTTP/1.1\r\n${HOST}: x\r\n\r\n`, 'a field has a name (RFC 9110 §5.1)'],
  [
    400,
    `GET / HTTP/1.1\r\n${HOST}X : y\r\n\r\n`,
    'no white space stands before the colon (RFC 9112 §5.1)',
  ],
  [400, `GET / HTTP/1.1\r\n${HOST}X(y): z\r\n\r\n`, 'a field name is a token (RFC 9110 §5.1)'],
  [
    400,
    `GET / HTTP/1.1\r\n${HOST}X: y\r\n z: a\r\n\r\n`,
    'folded lines are refused (RFC 9112 §5.2)',
  ],
  [
    400,
    `GET / HTTP/1.1\r\n Host: a\r\nX: y\r\n\r\n`,
    'white space before the first field is refused (RFC 9112 §2.2)',
  ],
  [400, `GET / HTTP/1.1\r\nX: y\r\n\r\n`, 'HTTP/1.1 asks for a Host (RFC 9112 §3.2)'],
  [
    400,
    `GET http://a/ HTTP/1.1\r\n\r\n`,
    'HTTP/1.1 asks for a Host, beside an absolute-form too (RFC 9112 §3.2.2)',
  ],
  [400, `GET / HTTP/1.1\r\n${HOST}${HOST}\r\n`, 'Host stands there once (RFC 9112 §3.2)'],
  [
    400,
    `GET / HTTP/1.1\r\nHost: a b\r\n\r\n`,
    'Host is a host, with a port perhaps (RFC 9110 §7.2)',
  ],
  [
    400,
    `GET / HTTP/1.1\r\nHost: a/b\r\n\r\n`,
    'Host is a host, with a port perhaps (RFC 9110 §7.2)',
  ],
  [
    400,
    `POST / HTTP/1.1\r\n${HOST}Content-Length: 1\r\nContent-Length: 1\r\n\r\nx`,
    'two lengths are one too many (RFC 9112 §6.3)',
  ],
  [
    400,
    `POST / HTTP/1.1\r\n${HOST}Content-Length: 1, 1\r\n\r\nx`,
    'two lengths are one too many (RFC 9112 §6.3)',
  ],
  [
    400,
    `POST / HTTP/1.1\r\n${HOST}Content-Length: +1\r\n\r\nx`,
    'Content-Length is digits (RFC 9110 §8.6)',
  ],
  [
    400,
    `POST / HTTP/1.1\r\n${HOST}Content-Length: 0x1\r\n\r\nx`,
    'Content-Length is digits (RFC 9110 §8.6)',
  ],
  [
    400,
    `POST / HTTP/1.1\r\n${HOST}Content-Length:\r\n\r\nx`,
    'Content-Length is digits (RFC 9110 §8.6)',
  ],
  [
    400,
    `POST / HTTP/1.1\r\n${HOST}Content-Length: 1.0\r\n\r\nx`,
    'Content-Length is digits (RFC 9110 §8.6)',
  ],
  [
    413,
    `POST / HTTP/1.1\r\n${HOST}Content-Length: 1048577\r\n\r\n`,
    'content has a limit (RFC 9110 §15.5.14)',
  ],
  [
    400,
    'GET / HTTP/1.0\r\n\r\nGET / HTTP/1.1\r\n\r\n',
    'HTTP/1.1 asks for a Host, whatever came before it (RFC 9112 §3.2)',
  ],
]

/** Each comes behind a request that is right, and must not take that along. */
export const wrongMessages: readonly Message[] = refused.map(([fault, bytes, why]) => ({
  bytes: `GET /before HTTP/1.1\r\n${HOST}\r\n${bytes}`,
  gives: [{ path: '/before' }, ...(bytes.startsWith('GET / HTTP/1.0') ? [{ path: '/' }] : [])],
  fault,
  why,
}))
