import { describe, it } from '../../kit/test.ts'
import { countsBytes } from '../../kit/counts-bytes.ts'
import { holds } from '../../kit/holds.ts'
import { quickerThanWork } from '../../kit/quickest.ts'
import { get, head, post } from '../../kit/request.ts'

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE'] as const
const SERVES: Readonly<Record<string, readonly string[]>> = {
  '/': ['GET', 'HEAD'],
  '/greet': ['GET', 'HEAD'],
  '/work': ['GET', 'HEAD'],
  '/echo': ['POST'],
}

describe('routes (RFC 9110 §15.5.5, §15.5.6)', () => {
  it('answers 405 and the right Allow to every known method that a route does not serve', async ({
    server,
  }) => {
    for (const [path, serves] of Object.entries(SERVES)) {
      for (const method of METHODS.filter((method) => !serves.includes(method))) {
        await holds(server, {
          send: head(`${method} ${path} HTTP/1.1`),
          expect: { status: 405, fields: { Allow: serves } },
          why: 'the method is known and not served here; Allow lists what is (RFC 9110 §15.5.6)',
        })
      }
    }
  })

  it('answers 404 to every known method where there is no route', async ({ server, random }) => {
    for (const method of METHODS) {
      await holds(server, {
        send: head(`${method} /${random.word()} HTTP/1.1`),
        expect: { status: 404 },
        why: 'there is no route, so no method is served or not served on it (RFC 9110 §15.5.5)',
      })
    }
  })

  it('answers 404 to the asterisk-form from OPTIONS', async ({ server }) => {
    await holds(server, {
      send: head('OPTIONS * HTTP/1.1'),
      expect: { status: 404, serves: true },
      why: 'OPTIONS may ask about the server as a whole (RFC 9112 §3.2.4); until level 3 nothing is there to answer it',
    })
  })

  it('takes no other path for a route', async ({ server, random }) => {
    const paths = [
      '/greet/',
      '/greet//',
      '//greet',
      '//',
      '/./greet',
      `/${random.word()}/../greet`,
      '/greet/.',
      '/GREET',
      '/Greet',
      '/greets',
      `/greet/${random.word()}`,
      `/${random.word()}/greet`,
      '/greet;a=1',
      '/*',
    ]
    for (const path of paths) {
      await holds(server, {
        send: get(path),
        expect: { status: 404 },
        why: 'segments are compared exactly, and nothing is made equal but escapes',
      })
    }
  })

  it('answers 404 to names that every object has', async ({ server }) => {
    for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf']) {
      await holds(server, {
        send: get(`/${name}`),
        expect: { status: 404, serves: true },
        why: 'this is no route',
      })
    }
  })

  it('decodes the segments of a path once, and only once', async ({ server, random }) => {
    for (let round = 0; round < 4; round++) {
      const segment = [...'echo'].map((letter) =>
        random.integer(0, 1) === 1 ? escape(letter, random.integer(0, 1)) : letter,
      )
      await holds(server, {
        send: post(`/${segment.join('')}`, random.bytes(3)),
        expect: { status: 200 },
        why: 'an escape is another way to write a character (RFC 3986 §6.2.2.2), in either letter case',
      })
    }
    await holds(server, {
      send: get('http://localhost/%67reet'),
      expect: { status: 200, content: 'Hello, stranger!' },
      why: 'the path of an absolute-form is a path like any other (RFC 9112 §3.2.2)',
    })
    for (const path of [
      '/%2567reet',
      '/greet%2F',
      '/%2Fgreet',
      '/greet%3Fname=Ada',
      '/%2E/greet',
      '/greet%20',
    ]) {
      await holds(server, {
        send: get(path),
        expect: { status: 404 },
        why: 'a segment is decoded once, after the path was divided at its slashes, and then compared exactly',
      })
    }
  })

  it('survives a bad escape in a path', async ({ server }) => {
    for (const path of ['/%', '/%4', '/%g0reet', '/%ff', '/greet%', '/%c3%28']) {
      await holds(server, {
        send: get(path),
        expect: { status: [400, 404], serves: true },
        why: 'until level 2 a bad escape in a path is free to be 400 or 404, and always an answer',
      })
    }
  })

  it('keeps the query out of the path', async ({ server, random }) => {
    const word = random.word()
    for (const target of ['/?', `/?${word}`, '/?/greet', '/??', `/?a=/${word}/../..`]) {
      await holds(server, {
        send: get(target),
        expect: { status: 200, content: 'Hello, World!' },
        why: 'the query begins with the first "?" and is no part of the path (RFC 3986 §3.4)',
      })
    }
    await holds(server, {
      send: get(`/greet/?name=${word}`),
      expect: { status: 404 },
      why: '/greet/ is no route, and a query does not make it one',
    })
    await holds(server, {
      send: post(`/echo?${word}`, word),
      expect: { status: 200, content: word },
      why: 'the query begins with the first "?" and is no part of the path (RFC 3986 §3.4)',
    })
  })

  it('reads every query as a form', async ({ server, random }) => {
    await countsBytes(server)
    const word = random.word()
    const queries = [
      `name=${word}+${word}`,
      `name=${word}%2B%26%3D%3F%23`,
      `name=${encodeURIComponent(`${word} Žižek 🌻`)}`,
      `Name=${word}`,
      `a=1&&name=${word}&b`,
      `name=${word}&name=other`,
      `n%61me=${word}`,
      `name=${word}=${word}==`,
      `name=${word}?${word}/..`,
      `name=${word};a=b`,
      `xname=${word}`,
      `name=%0D%0A${word}`,
      `constructor=${word}`,
      `__proto__=${word}&name=${word}`,
    ]
    for (const query of queries) {
      await holds(server, {
        send: get(`/greet?${query}`),
        expect: { status: 200, content: greeting(query) },
        why: 'a query is read as URLSearchParams reads it',
      })
    }
  })

  it('never refuses a query, however broken it is', async ({ server, random }) => {
    await countsBytes(server)
    const word = random.word()
    const queries = [
      '',
      '&',
      '=',
      '=&=',
      'name',
      'name=',
      'name&name=a',
      '%',
      `name=${word}%`,
      `name=%4${word}`,
      'name=%zz',
      'name=%ff',
      'name=%e2%82',
      `name=%c3%28${word}`,
      '%zz=1',
    ]
    for (const query of queries) {
      await holds(server, {
        send: get(`/greet?${query}`),
        expect: { status: 200, content: greeting(query), serves: true },
        why: 'a query is never a reason for 400: a bad escape stays, broken UTF-8 becomes U+FFFD',
      })
    }
  })

  it('does the work for /work alone', async ({ server, random }) => {
    const others: readonly (readonly [string, string | Buffer, number | readonly number[]])[] = [
      ['GET /greet', get(`/greet?name=${random.word()}`), 200],
      ['POST /echo', post('/echo', random.word(100)), 200],
      // That it is 404 is another test.
      ['GET on a path that is no route', get(`/${random.word()}`), [200, 404]],
    ]
    for (const [what, send, status] of others) await quickerThanWork(server, what, send, status)
  })
})

function greeting(query: string): string {
  return Buffer.from(`Hello, ${new URLSearchParams(query).get('name') ?? 'stranger'}!`).toString(
    'latin1',
  )
}

function escape(letter: string, upper: number): string {
  const hex = letter.charCodeAt(0).toString(16)
  return `%${upper === 1 ? hex.toUpperCase() : hex}`
}
