import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { appendFile, chmod, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { describe, it } from '../../kit/test.ts'
import {
  conditionsOf,
  statusOf,
  type ConditionName,
  type Conditions,
} from '../../kit/conditions.ts'
import { answers, closes, holds, serves } from '../../kit/holds.ts'
import { rangesOf } from '../../kit/multipart.ts'
import { get, head, post } from '../../kit/request.ts'
import { SECRET, StaticRoot } from '../../kit/static-root.ts'
import { literal } from '../../../harness/wire/bytes.ts'
import { field, type Response } from '../../../harness/wire/response.ts'
import { Expectation } from '../../../harness/expectation.ts'
import { probe } from '../../../harness/probe.ts'
import type { Server } from '../../../harness/server.ts'
import { gradesLargeFiles } from './large-files.ts'

const MODIFIED = new Date('2023-12-31T23:59:59.750Z')
const LAST_MODIFIED = 'Sun, 31 Dec 2023 23:59:59 GMT'
const hundred = Array.from({ length: 100 }, (_, byte) => String.fromCharCode(byte + 100)).join('')

/** A file of 100 bytes with a known date, and the server of it. */
async function hundredBytes(
  launch: Parameters<StaticRoot['serve']>[0],
): Promise<{ folder: StaticRoot; server: Server }> {
  const folder = await StaticRoot.with({ 'hundred.bin': hundred, 'empty.txt': '' })
  await folder.date('hundred.bin', MODIFIED)
  return { folder, server: await folder.serve(launch) }
}

/** Asks for a file with these field lines. */
async function ask(server: Server, ...fieldLines: readonly string[]): Promise<Response> {
  const wire = await server.connect()
  await wire.send(get('/static/hundred.bin', ...fieldLines))
  return await wire.response()
}

async function entityTagOf(server: Server, target: string): Promise<string> {
  const response = await holds(server, {
    send: get(target),
    expect: { status: 200, fields: { ETag: '*' } },
    why: 'every file has an entity tag (RFC 9110 §8.8.3)',
  })
  return field(response, 'ETag') ?? ''
}

describe('static files: names and types', () => {
  it('tells the type by the extension, in any letter case', async ({ launch }) => {
    const types = {
      'a.html': 'text/html; charset=utf-8',
      'a.css': 'text/css; charset=utf-8',
      'a.json': 'application/json; charset=utf-8',
      'a.svg': 'image/svg+xml',
      'a.wasm': 'application/wasm',
      'A.JPG': 'image/jpeg',
      'a.min.txt': 'text/plain; charset=utf-8',
      'archive.zzz': 'application/octet-stream',
      html: 'application/octet-stream',
      Makefile: 'application/octet-stream',
    }
    const names = Object.keys(types)
    const folder = await StaticRoot.with(Object.fromEntries(names.map((name) => [name, name])))
    const server = await folder.serve(launch)
    for (const [name, type] of Object.entries(types)) {
      await holds(server, {
        send: get(`/static/${name}`),
        expect: { status: 200, fields: { 'Content-Type': type }, content: name },
        why: 'the type is the contentType of the extension in mime-types, otherwise application/octet-stream',
      })
    }
  })

  it('decodes a segment once, and takes every other character as it is', async ({ launch }) => {
    const folder = await StaticRoot.with({
      '100%.txt': 'percent',
      'a+b.txt': 'plus',
      'what?.txt': 'question mark',
      'no#1.txt': 'hash',
      'a%2Fb.txt': 'escape',
      '%2e%2e': 'dots',
      'a...txt': 'three dots',
      '日本/語.txt': 'two folders',
      "(a)!$&'*,;=:@~.txt": 'every other character',
    })
    const server = await folder.serve(launch)
    for (const [target, content] of [
      ['/static/100%25.txt', 'percent'],
      ['/static/a+b.txt', 'plus'],
      ['/static/what%3F.txt?x=%zz', 'question mark'],
      ['/static/no%231.txt', 'hash'],
      ['/static/a%252Fb.txt', 'escape'],
      ['/static/%252e%252e', 'dots'],
      ['/static/%61...txt', 'three dots'],
      ['/%73tatic/%E6%97%A5%E6%9C%AC/%e8%aa%9e.txt', 'two folders'],
      ["/static/(a)!$&'*,;=:@~.txt", 'every other character'],
      ['http://localhost/static/a+b.txt', 'plus'],
    ] as const) {
      await holds(server, {
        send: get(target),
        expect: { status: 200, content },
        why: 'a path segment is decoded once, and "+" in it is a plus (RFC 3986 §2.4, §3.3)',
      })
    }
  })

  it('answers 404 to a path that is not exactly that of a file', async ({ launch }) => {
    const folder = await StaticRoot.with({
      'a.txt': 'a',
      'sub/b.txt': 'b',
      'index.html/c.txt': 'c',
    })
    const server = await folder.serve(launch)
    for (const target of [
      '/static',
      '/static//a.txt',
      '/static/sub//b.txt',
      '/static/./a.txt',
      '/static/%2E/a.txt',
      '/static/sub/../a.txt',
      '/static/sub/%2e%2E/a.txt',
      '/static/a.txt/',
      '/static/a.txt/.',
      '/static/sub%2fb.txt',
      '/static/sub%5cb.txt',
      '/static/a.txt%20',
      '/STATIC/a.txt',
      '/static/',
      '/static/sub/',
      '/statica.txt',
      `/static/${'n'.repeat(300)}`,
      `/static/${'n/'.repeat(1500)}n`,
    ]) {
      await holds(server, {
        send: get(target),
        expect: { status: 404 },
        why: 'no segment is removed or put right; a folder without index.html is 404',
      })
    }
    await holds(server, {
      send: get('/static/sub\\b.txt'),
      expect: { status: [400, 404] },
      why: 'a backslash is no slash, and stands in no target (RFC 3986 §3.3)',
    })
  })

  it('answers 400 to a bad escape, to bytes that are no UTF-8 and to NUL', async ({ launch }) => {
    const folder = await StaticRoot.with({ 'a.txt': 'a' })
    const server = await folder.serve(launch)
    for (const target of [
      '/static/%',
      '/static/a%2.txt',
      '/static/%zz.txt',
      '/static/%ff.txt',
      '/static/%c0%ae%c0%ae/secret.txt',
      '/static/%ed%a0%80.txt',
      '/static/a.txt%00',
      '/static/a.txt%00.html',
      '/static/%00',
    ]) {
      await holds(server, {
        send: get(target),
        expect: { status: 400, closes: true, serves: true },
        why: 'an escape is "%" and two digits, and the bytes are UTF-8 without NUL (RFC 3986 §2.1)',
      })
    }
  })

  it('redirects to a folder by a path of this site, as it was written', async ({ launch }) => {
    const folder = await StaticRoot.with({
      'docs/index.html': 'docs',
      'docs/two words/index.html': 'two words',
    })
    const server = await folder.serve(launch)
    for (const [target, location] of [
      ['/static/docs', '/static/docs/'],
      ['/static/docs/two%20words', '/static/docs/two%20words/'],
      ['/static/%64ocs?a=%20&b=//x', '/static/%64ocs/?a=%20&b=//x'],
      ['http://example.com/static/docs?q', '/static/docs/?q'],
    ] as const) {
      await holds(server, {
        send: get(target),
        expect: { status: 308, fields: { Location: location } },
        why: 'the redirect is the path as it was received, a slash, and the query (RFC 9110 §10.2.2)',
      })
    }
    await holds(server, {
      send: head('HEAD /static/docs HTTP/1.1', 'Connection: close'),
      expect: { status: 308, fields: { Location: '/static/docs/' }, closes: true },
      why: 'HEAD is answered as GET is (RFC 9110 §9.3.2)',
    })
  })

  it('never redirects to another site', async ({ launch }) => {
    const folder = await StaticRoot.with({
      'docs/index.html': 'docs',
      'example.com/index.html': 'x',
    })
    const server = await folder.serve(launch)
    for (const target of [
      '//example.com',
      '//example.com/static/docs',
      '//static/docs',
      '/static//example.com',
      '/static/..//example.com',
      '/\\example.com',
      'http://localhost//example.com/static/docs',
    ]) {
      const wire = await server.connect()
      await wire.send(get(target))
      const response = await wire.response()
      answers(
        wire,
        response,
        { status: [400, 404], fields: { Location: null } },
        'a Location that begins with // names another site (RFC 3986 §4.2)',
      )
    }
  })

  it('allows only what reads a file', async ({ launch }) => {
    const { server } = await hundredBytes(launch)
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'TRACE']) {
      await holds(server, {
        send: head(`${method} /static/hundred.bin HTTP/1.1`, 'Content-Length: 0'),
        expect: { status: 405, fields: { Allow: ['GET', 'HEAD', 'OPTIONS'] } },
        why: 'the route serves GET, and so HEAD and OPTIONS (RFC 9110 §15.5.6)',
      })
    }
    await holds(server, {
      send: post('/static/hundred.bin', 'abc'),
      expect: { status: 405 },
      why: 'files are not written',
    })
  })

  it('answers 404 everywhere when the root is missing', async ({ launch }) => {
    const folder = await StaticRoot.with()
    const server = await launch(
      { STATIC_ROOT: folder.at('nothing'), RATE_LIMIT: '0' },
      { read: [folder.parent] },
    )
    for (const target of ['/static/', '/static/a.txt', '/static/../secret.txt']) {
      await holds(server, {
        send: get(target),
        expect: { status: 404, serves: true },
        why: 'without a root there are no files, and nothing else is wrong',
      })
    }
  })
})

describe('static files: nothing outside of the root, ever', () => {
  it('gives no secret away, however a path is written', async ({ launch }) => {
    const folder = await StaticRoot.with({ 'docs/a.txt': 'a' })
    const server = await folder.serve(launch)
    const secret = `${folder.parent}/secret.txt`
    const up = folder.root.split('/').length
    for (const target of [
      '/static/..',
      '/static/../secret.txt',
      '/static/docs/../../secret.txt',
      '/static/docs/..%2f..%2fsecret.txt',
      '/static/%2e%2e/secret.txt',
      '/static/%2E./secret.txt',
      '/static/.%2e%2fsecret.txt',
      '/static/%2e%2e%2fsecret.txt',
      '/static/%2e%2e%5csecret.txt',
      '/static/..\\secret.txt',
      '/static/..%255csecret.txt',
      '/static/%252e%252e/secret.txt',
      '/static/%252e%252e%252fsecret.txt',
      '/static/%25252e%25252e/secret.txt',
      '/static/..;/secret.txt',
      '/static/.../secret.txt',
      '/static/....//secret.txt',
      '/static/..././secret.txt',
      '/static/../public-secret/secret.txt',
      '/static/..%2fpublic-secret%2fsecret.txt',
      '/static-secret/secret.txt',
      `/static/${secret}`,
      `/static${secret}`,
      `/static/${encodeURIComponent(secret)}`,
      `/static/${secret.replaceAll('/', '\\')}`,
      `/static/${'../'.repeat(up)}${secret.slice(1)}`,
      `/static/${'%2e%2e/'.repeat(up)}${secret.slice(1)}`,
      `/static/file:${secret}`,
      'http://localhost/static/../secret.txt',
      'http://localhost/static/%2e%2e/secret.txt',
      'http://localhost/../secret.txt',
      '/../secret.txt',
      '/static/?../secret.txt',
    ]) {
      await isKept(server, target, target.includes('\\') ? [400, 404] : 404)
    }
    await isKept(server, '/static/%c0%ae%c0%ae/secret.txt', 400)
    await serves(server)
  })

  it('follows links only as long as they end inside of the root', async ({ launch }) => {
    const folder = await StaticRoot.with({ 'sub/a.txt': 'inside' })
    await folder.link('file', 'sub/a.txt')
    await folder.link('folder', 'sub')
    await folder.link('chain', 'file')
    await folder.link('absolute', folder.at('sub/a.txt'))
    await folder.link('out-and-in', '../public/sub/a.txt')
    await folder.link('secret', '../secret.txt')
    await folder.link('absolute-secret', `${folder.parent}/secret.txt`)
    await folder.link('parent', '..')
    await folder.link('sub/up', '../..')
    await folder.link('sibling', '../public-secret')
    await folder.link('chain-out', 'secret')
    await folder.link('dangling', 'nothing')
    await folder.link('loop', 'loop')
    await folder.link('zero', '/dev/zero')
    const server = await folder.serve(launch)
    for (const target of ['file', 'folder/a.txt', 'chain', 'absolute', 'out-and-in']) {
      await holds(server, {
        send: get(`/static/${target}`),
        expect: { status: 200, content: 'inside' },
        why: 'a link whose final target lies inside of the root is followed',
      })
    }
    for (const target of [
      'secret',
      'absolute-secret',
      'parent/secret.txt',
      'sub/up/secret.txt',
      'sibling/secret.txt',
      'chain-out',
      'dangling',
      'loop',
      'loop/a.txt',
      'zero',
    ]) {
      await isKept(server, `/static/${target}`, 404)
    }
    const redirected = await server.connect()
    await redirected.send(get('/static/sibling'))
    answers(
      redirected,
      await redirected.response(),
      { status: 404 },
      'a folder outside of the root is not there',
    )
  })

  it('resolves the root once, when it starts', async ({ launch }) => {
    const folder = await StaticRoot.with({ 'one/a.txt': 'one', 'two/a.txt': SECRET })
    await folder.link('root', 'one')
    const server = await launch(
      { STATIC_ROOT: folder.at('root'), RATE_LIMIT: '0' },
      { read: [folder.parent] },
    )
    await holds(server, {
      send: get('/static/a.txt'),
      expect: { status: 200, content: 'one' },
      why: 'the root itself may be a link',
    })
    await rm(folder.at('root'))
    await folder.link('root', 'two')
    await holds(server, {
      send: get('/static/a.txt'),
      expect: { status: 200, content: 'one' },
      why: 'the root is resolved once, at start',
    })
  })

  it('serves no dotfile', async ({ launch }) => {
    const folder = await StaticRoot.with({
      '.env': SECRET,
      '.git/config': SECRET,
      '.well-known/security.txt': SECRET,
      'sub/.hidden/index.html': SECRET,
      'sub/..a': SECRET,
      '...': SECRET,
    })
    const server = await folder.serve(launch)
    for (const target of [
      '.env',
      '%2eenv',
      '.git/config',
      '.git',
      '.well-known/security.txt',
      'sub/.hidden/',
      'sub/.hidden',
      'sub/..a',
      '...',
      '%2E%2E%2E',
    ]) {
      await isKept(server, `/static/${target}`, 404)
    }
  })

  it('answers 404 to a file that it may not read', async ({ launch }) => {
    const folder = await StaticRoot.with({ 'closed.txt': 'closed', 'a.txt': 'a' })
    await chmod(folder.at('closed.txt'), 0)
    const server = await folder.serve(launch)
    // A superuser may read everything, unless a sandbox took that right away.
    const isRoot = process.getuid?.() === 0
    const why = 'what may not be read is not there, and it is no fault of the server'
    const status = isRoot ? [200, 404] : 404
    await holds(server, { send: get('/static/closed.txt'), expect: { status, serves: true }, why })
    await holds(server, { send: get('/static/a.txt'), expect: { status: 200, content: 'a' }, why })
  })

  it('serves regular files only, and waits for none', async ({ launch }) => {
    const folder = await StaticRoot.with({ 'a.txt': 'a' })
    execFileSync('mkfifo', [folder.at('pipe'), folder.at('pipe.txt')])
    await folder.write('docs/index.html/a.txt', 'index.html is a folder here')
    // Nobody can open a socket as a file (ENXIO).
    const socket = createServer().listen(folder.at('socket.txt')).unref()
    await once(socket, 'listening')
    const server = await folder.serve(launch)
    for (const target of ['pipe', 'pipe.txt', 'socket.txt', 'docs/', 'docs/index.html/']) {
      await holds(server, {
        send: get(`/static/${target}`),
        expect: { status: 404, serves: true },
        why: 'neither a pipe nor a socket is a file, and to open a pipe would wait for somebody who writes to it',
      })
    }
    await holds(server, {
      send: get('/static/a.txt'),
      expect: { status: 200, content: 'a' },
      why: 'the other files are served on',
    })
  })
})

describe('static files: conditional requests (RFC 9110 §13)', () => {
  it('looks at preconditions in their order, whatever stands beside them', async ({
    launch,
    random,
  }) => {
    const { server } = await hundredBytes(launch)
    const values = conditionsOf(await entityTagOf(server, '/static/hundred.bin'), MODIFIED)
    const drawn = Array.from({ length: 160 }, () => {
      const one = (name: ConditionName) =>
        random.pick(values[name] as [Conditions[ConditionName], ...Conditions[ConditionName][]])
      return {
        'If-Match': one('If-Match'),
        'If-Unmodified-Since': one('If-Unmodified-Since'),
        'If-None-Match': one('If-None-Match'),
        'If-Modified-Since': one('If-Modified-Since'),
      }
    })
    for (const [index, conditions] of drawn.entries()) {
      const method = index % 4 === 0 ? 'HEAD' : 'GET'
      const lines = Object.entries(conditions).flatMap(([name, { value }]) =>
        value === undefined ? [] : [`${name}: ${value}`],
      )
      const wire = await server.connect()
      await wire.send(head(`${method} /static/hundred.bin HTTP/1.1`, ...lines))
      const response = await wire.response({ method })
      const status = statusOf(conditions)
      answers(
        wire,
        response,
        { status, ...(status === 200 && method === 'GET' ? { content: hundred } : {}) },
        'If-Match, else If-Unmodified-Since: 412; then If-None-Match, else If-Modified-Since: 304 (RFC 9110 §13.2.2)',
      )
      wire.close()
    }
  })

  it('looks at each precondition alone', async ({ launch }) => {
    const { server } = await hundredBytes(launch)
    const values = conditionsOf(await entityTagOf(server, '/static/hundred.bin'), MODIFIED)
    const absent = { value: undefined, isTrue: undefined }
    const none: Conditions = {
      'If-Match': absent,
      'If-Unmodified-Since': absent,
      'If-None-Match': absent,
      'If-Modified-Since': absent,
    }
    for (const name of Object.keys(values) as ConditionName[]) {
      for (const condition of values[name]) {
        const response = await ask(
          server,
          ...(condition.value ? [`${name}: ${condition.value}`] : []),
        )
        const status = statusOf({ ...none, [name]: condition })
        if (response.status === status) continue
        throw server.fails({
          expected: `status ${[status].flat().join(' or ')}`,
          received: `status ${response.status}`,
          why: `${name}: ${condition.value ?? ''} (RFC 9110 §13.1)`,
        })
      }
    }
  })

  it('reads a date in each of its three forms', async ({ launch }) => {
    const { server } = await hundredBytes(launch)
    for (const date of [
      LAST_MODIFIED,
      'Sunday, 31-Dec-23 23:59:59 GMT',
      'Sun Dec 31 23:59:59 2023',
    ]) {
      const response = await ask(server, `If-Modified-Since: ${date}`)
      if (response.status === 304) continue
      throw server.fails({
        expected: 'status 304',
        received: `status ${response.status}`,
        why: 'a recipient reads all three forms of a date (RFC 9110 §5.6.7)',
      })
    }
  })

  it('reads the dates of every month, and takes none for a date that is not one', async ({
    launch,
  }) => {
    const { server } = await hundredBytes(launch)
    // The file is of the year before.
    const dates = Array.from(
      { length: 12 },
      (_, month) => new Date(Date.UTC(2024, month, month + 4, 8, 9, 7)),
    )
    for (const [status, date] of [
      ...dates.flatMap(formsOf).map((form) => [304, form] as const),
      [200, 'Mon, 15 Foo 2024 08:09:07 GMT'],
      [200, 'Mon, 15 Jan 2024 08:09:07 +0000'],
      [200, '2024-01-15'],
      [200, '2024-01-15T08:09:07Z'],
    ] as const) {
      const response = await ask(server, `If-Modified-Since: ${date}`)
      if (response.status === status) continue
      throw server.fails({
        expected: `status ${[status].flat().join(' or ')}`,
        received: `status ${response.status}`,
        why: `${date} is ${status === 304 ? 'a' : 'no'} date (RFC 9110 §5.6.7)`,
      })
    }
  })

  it('reads two digits of a year as the one that is nearest', async ({ launch }) => {
    const { server } = await hundredBytes(launch)
    const year = new Date().getUTCFullYear()
    // What is more than 50 years ahead is the past.
    for (const [meant, status] of [
      [year + 40, 200],
      [year - 40, 412],
    ] as const) {
      const [, date = ''] = formsOf(new Date(Date.UTC(meant, 5, 15, 8, 9, 7)))
      const response = await ask(server, `If-Unmodified-Since: ${date}`)
      if (response.status === status) continue
      throw server.fails({
        expected: `status ${status}`,
        received: `status ${response.status}`,
        why: `${date} is of ${meant} (RFC 9110 §5.6.7)`,
      })
    }
  })

  it('reads dates as those of GMT, wherever the server stands', async ({ launch }) => {
    const folder = await StaticRoot.with({ 'hundred.bin': hundred })
    const modified = new Date('2024-01-15T08:09:07Z')
    await folder.date('hundred.bin', modified)
    const server = await folder.serve(launch, { TZ: 'Asia/Tokyo' })
    for (const date of formsOf(modified)) {
      const response = await ask(server, `If-Modified-Since: ${date}`)
      if (response.status === 304) continue
      throw server.fails({
        expected: 'status 304',
        received: `status ${response.status}`,
        why: `${date} is GMT, also where it does not say so (RFC 9110 §5.6.7)`,
      })
    }
  })

  it('sends the validators of a file with everything that is about it', async ({ launch }) => {
    const { server } = await hundredBytes(launch)
    const etag = await entityTagOf(server, '/static/hundred.bin')
    for (const lines of [
      [],
      ['Range: bytes=0-0'],
      ['Range: bytes=0-0,9-9'],
      ['If-None-Match: *'],
    ]) {
      const response = await ask(server, ...lines)
      const wanted = { ETag: etag, 'Last-Modified': LAST_MODIFIED }
      for (const [name, value] of Object.entries(wanted)) {
        // A 304 may leave out what the client has (RFC 9110 §15.4.5).
        if (response.status === 304 && name === 'Last-Modified') continue
        if (field(response, name) === value) continue
        throw server.fails({
          expected: `${name}: ${value}`,
          received: field(response, name) ?? `no ${name}`,
          why: 'the client keeps what it got under its validators (RFC 9110 §8.8, §15.3.7, §15.4.5)',
        })
      }
    }
  })

  it('ends a 304 with its header section', async ({ launch }) => {
    const { server } = await hundredBytes(launch)
    const wire = await server.connect()
    await wire.send(get('/static/hundred.bin', 'If-None-Match: *', 'Connection: close'))
    const why = 'a 304 has no content, whatever its fields say (RFC 9110 §15.4.5)'
    answers(
      wire,
      await wire.response({ why }),
      { status: 304, fields: { 'Content-Type': null } },
      why,
    )
    await closes(wire, why)
  })

  it('says no other length in a 304 than the file has', async ({ launch }) => {
    const { server } = await hundredBytes(launch)
    const why = 'a Content-Length in a 304 is that of the 200 (RFC 9110 §8.6)'
    const wire = await server.connect()
    for (const method of ['GET', 'HEAD']) {
      await wire.send(head(`${method} /static/hundred.bin HTTP/1.1`, 'If-None-Match: *'))
      const response = await wire.response({ why, method })
      answers(wire, response, { status: 304 }, why)
      const length = field(response, 'Content-Length') ?? '100'
      if (length === '100') continue
      throw wire.fails({
        expected: 'no Content-Length, or that of the file: 100',
        received: `Content-Length: ${length}`,
        why,
      })
    }
  })

  it('gives a file another entity tag whenever it may have changed', async ({ launch }) => {
    const { folder, server } = await hundredBytes(launch)
    const tags = [await entityTagOf(server, '/static/hundred.bin')]
    const again = await entityTagOf(server, '/static/hundred.bin')
    if (again !== tags[0]) {
      throw server.fails({
        expected: `ETag: ${tags[0]}, as before`,
        received: `ETag: ${again}`,
        why: 'the file is the same (RFC 9110 §8.8.3)',
      })
    }
    const name = folder.at('hundred.bin')
    // Same size, same second.
    await writeFile(name, hundred.replace('d', 'D'), 'latin1')
    await utimes(name, MODIFIED, new Date(MODIFIED.getTime() + 1))
    tags.push(await entityTagOf(server, '/static/hundred.bin'))
    // Same time, other size.
    await appendFile(name, '!')
    await folder.date('hundred.bin', MODIFIED)
    tags.push(await entityTagOf(server, '/static/hundred.bin'))
    // Another file with the size and time of the first.
    await writeFile(`${name}.new`, hundred.replace('d', 'x'), 'latin1')
    await rename(`${name}.new`, name)
    await folder.date('hundred.bin', MODIFIED)
    tags.push(await entityTagOf(server, '/static/hundred.bin'))
    if (new Set(tags).size === tags.length) return
    throw server.fails({
      expected: `${tags.length} different entity tags: before, rewritten within the second, longer, replaced`,
      received: tags.join('  '),
      why: 'a strong tag follows from size, mtime in ns and inode (RFC 9110 §8.8.1)',
    })
  })

  it('names no change that is still to come', async ({ launch }) => {
    const { folder, server } = await hundredBytes(launch)
    await folder.date('hundred.bin', new Date(Date.now() + 7 * 86_400_000))
    const response = await ask(server)
    const modified = Date.parse(field(response, 'Last-Modified') ?? '')
    // Date may be made once a second, and be behind by as much.
    if (modified <= Date.parse(field(response, 'Date') ?? '') + 1000) return
    throw server.fails({
      expected: 'a Last-Modified that is not later than Date',
      received: `Last-Modified: ${field(response, 'Last-Modified') ?? '(none)'}, Date: ${field(response, 'Date') ?? '(none)'}`,
      why: 'a server says no date later than that of the answer (RFC 9110 §8.8.2.1)',
    })
  })
})

describe('static files: ranges (RFC 9110 §14)', () => {
  it('sends each single range exactly', async ({ launch, random }) => {
    const { server } = await hundredBytes(launch)
    const first = random.integer(1, 50)
    const last = random.integer(first, 98)
    const suffix = random.integer(1, 99)
    for (const [range, from, to] of [
      ['bytes=0-0', 0, 0],
      ['bytes=99-99', 99, 99],
      ['bytes=0-', 0, 99],
      ['bytes=0-99', 0, 99],
      ['bytes=-100', 0, 99],
      ['bytes=-1000', 0, 99],
      ['bytes=99-1000', 99, 99],
      ['bytes=1-99999999999999999999999999', 1, 99],
      ['bytes=-99999999999999999999999999', 0, 99],
      ['bytes=00-007', 0, 7],
      ['BYTES=5-6', 5, 6],
      [`bytes=${first}-${last}`, first, last],
      [`bytes=${first}-`, first, 99],
      [`bytes=-${suffix}`, 100 - suffix, 99],
    ] as const) {
      const response = await ask(server, `Range: ${range}`)
      const [one, ...more] = response.status === 206 ? rangesOf(server, response) : []
      const wanted = hundred.slice(from, to + 1)
      if (
        more.length === 0 &&
        one?.range === `bytes ${from}-${to}/100` &&
        one.content.equals(Buffer.from(wanted, 'latin1'))
      ) {
        continue
      }
      throw server.fails({
        expected: `status 206, Content-Range: bytes ${from}-${to}/100, ${wanted.length} bytes`,
        received: `status ${response.status}, Content-Range: ${field(response, 'Content-Range') ?? '(none)'}, ${literal(response.content, 60)}`,
        why: 'positions count from 0, both ends belong to the range, a suffix counts from the end (RFC 9110 §14.1.2)',
      })
    }
  })

  it('ignores what is no range, and a range of anything but a GET', async ({ launch }) => {
    const { server } = await hundredBytes(launch)
    for (const range of [
      'bytes=',
      'bytes=-',
      'bytes=5',
      'bytes=5-2',
      'bytes=a-b',
      'bytes=0x1-2',
      'bytes=1-2x',
      'bytes=1 -2',
      'bytes=1- 2',
      'bytes=--5',
      'bytes=1.0-2',
      'bytes=+1-2',
      'bytes 0-1',
      'bytes=0-1,5-2',
      'bytes=0-1,x',
      'bytes=200-100',
      'items=0-1',
      'byte=0-1',
      '0-1',
      'bytes=9007199254740993-9007199254740992',
    ]) {
      const wire = await server.connect()
      await wire.send(get('/static/hundred.bin', `Range: ${range}`))
      answers(
        wire,
        await wire.response(),
        { status: 200, fields: { 'Content-Range': null }, content: hundred },
        'what is no range, or of a unit that is not known, is ignored (RFC 9110 §14.2)',
      )
    }
    for (const range of ['bytes=0-9', 'bytes=500-']) {
      await holds(server, {
        send: head('HEAD /static/hundred.bin HTTP/1.1', `Range: ${range}`, 'Connection: close'),
        expect: {
          status: 200,
          fields: { 'Content-Length': '100', 'Content-Range': null },
          closes: true,
        },
        why: 'Range is defined for GET alone (RFC 9110 §14.2)',
      })
    }
  })

  it('answers 416 with the size when nothing of the range is there', async ({ launch }) => {
    const { server } = await hundredBytes(launch)
    for (const range of [
      'bytes=100-',
      'bytes=100-200',
      'bytes=-0',
      'bytes=99999999999999999999999-',
      'bytes=-0,100-',
    ]) {
      await holds(server, {
        send: get('/static/hundred.bin', `Range: ${range}`),
        expect: { status: 416, fields: { 'Content-Range': 'bytes */100' } },
        why: 'no byte of the file lies in the range (RFC 9110 §15.5.17)',
      })
    }
    for (const range of ['bytes=0-', 'bytes=0-0', 'bytes=-1']) {
      await holds(server, {
        send: get('/static/empty.txt', `Range: ${range}`),
        expect: { status: 416, fields: { 'Content-Range': 'bytes */0' } },
        why: 'an empty file has no byte (RFC 9110 §14.1.2)',
      })
    }
    await holds(server, {
      send: get('/static/empty.txt', 'Connection: close'),
      expect: { status: 200, fields: { 'Content-Length': '0' }, content: '', closes: true },
      why: 'an empty file is a file',
    })
  })

  it('sends several ranges as they were asked for, up to sixteen', async ({ launch }) => {
    const { server } = await hundredBytes(launch)
    const sixteen = Array.from({ length: 16 }, (_, index) => [index * 6, index * 6 + 1] as const)
    for (const [range, wanted] of [
      [
        'bytes=90-99,0-1',
        [
          [90, 99],
          [0, 1],
        ],
      ],
      [
        'bytes=0-1 ,\t 50-51,',
        [
          [0, 1],
          [50, 51],
        ],
      ],
      [
        'bytes=0-1,100-200,-1',
        [
          [0, 1],
          [99, 99],
        ],
      ],
      ['bytes=500-,7-8', [[7, 8]]],
      [
        'bytes=0-1,2-3',
        [
          [0, 1],
          [2, 3],
        ],
      ],
      [`bytes=${sixteen.map((pair) => pair.join('-')).join(',')}`, sixteen],
    ] as readonly (readonly [string, readonly (readonly [number, number])[]])[]) {
      const response = await ask(server, `Range: ${range}`)
      const received =
        response.status === 206
          ? rangesOf(server, response).map(({ range: place, type, content }) => [
              place,
              type,
              content.toString('latin1'),
            ])
          : response.status
      const expected = wanted.map(([from, to]) => [
        `bytes ${from}-${to}/100`,
        'application/octet-stream',
        hundred.slice(from, to + 1),
      ])
      if (JSON.stringify(received) === JSON.stringify(expected)) continue
      throw server.fails({
        expected: `the parts ${JSON.stringify(expected).slice(0, 600)}`,
        received: JSON.stringify(received).slice(0, 600),
        why: 'each satisfiable range is a part with Content-Range and Content-Type, in the order of the request (RFC 9110 §15.3.7.2)',
      })
    }
  })

  it('sends the whole file when ranges overlap, or are too many', async ({ launch }) => {
    const { server } = await hundredBytes(launch)
    for (const range of [
      'bytes=0-9,9-20',
      'bytes=0-,0-',
      'bytes=50-,-60',
      'bytes=0-0,0-0',
      'bytes=10-20,0-99',
      `bytes=${Array.from({ length: 17 }, (_, index) => `${index * 5}-${index * 5}`).join(',')}`,
      `bytes=${'0-,'.repeat(1300)}0-`,
    ]) {
      const wire = await server.connect()
      await wire.send(get('/static/hundred.bin', `Range: ${range}`))
      answers(
        wire,
        await wire.response(),
        { status: 200, fields: { 'Content-Range': null }, content: hundred },
        'many ranges, or overlapping ones, would make the answer larger than the file (RFC 9110 §14.2, §17.15)',
      )
      wire.close()
    }
  })

  it('sends a range only of exactly the file that If-Range names', async ({ launch }) => {
    const { server } = await hundredBytes(launch)
    const etag = await entityTagOf(server, '/static/hundred.bin')
    for (const [ifRange, status] of [
      [etag, 206],
      [`W/${etag}`, 200],
      ['"other"', 200],
      [`"other", ${etag}`, 200],
      [LAST_MODIFIED, 206],
      ['Mon, 01 Jan 2024 00:00:00 GMT', 200],
      ['Sun, 31 Dec 2023 23:59:58 GMT', 200],
      ['yesterday', 200],
    ] as const) {
      const wire = await server.connect()
      await wire.send(get('/static/hundred.bin', 'Range: bytes=3-4', `If-Range: ${ifRange}`))
      answers(
        wire,
        await wire.response(),
        { status, content: status === 206 ? hundred.slice(3, 5) : hundred },
        'If-Range compares strongly: the same strong tag, or exactly the date (RFC 9110 §13.1.5)',
      )
    }
    await holds(server, {
      send: get('/static/hundred.bin', 'If-Range: "other"'),
      expect: { status: 200, content: hundred },
      why: 'If-Range without Range is ignored (RFC 9110 §13.1.5)',
    })
    await holds(server, {
      send: get('/static/hundred.bin', 'Range: bytes=500-', 'If-Range: "other"'),
      expect: { status: 200, content: hundred },
      why: 'the range is of another file, and so ignored (RFC 9110 §13.2.2)',
    })
  })

  it('believes no date of a file that may have changed within its second', async ({ build }) => {
    const at = Date.UTC(2024, 0, 15, 8, 9, 7)
    const seen = await probe(
      build,
      'level3/conditional.ts',
      ({ rangesApply }: ConditionalModule, { at, date }) =>
        [500, 3_600_000].map((ageMs) =>
          rangesApply(new Map([['if-range', date]]), {
            entityTag: '"a"',
            modifiedMs: at,
            nowMs: at + ageMs,
          }),
        ),
      { at, date: new Date(at).toUTCString() },
    )
    if (seen.join() === 'false,true') return
    throw new Expectation({
      steps: ['call rangesApply with the date of a file, half a second old, and an hour old'],
      expected: 'false, true',
      received: seen.join(', '),
      why: 'within one second a file can be written twice and keep its date (RFC 9110 §8.8.2.2, §13.1.5)',
    })
  })

  it('looks at the preconditions before the range', async ({ launch }) => {
    const { server } = await hundredBytes(launch)
    for (const [lines, status] of [
      [['Range: bytes=0-1', 'If-None-Match: *'], 304],
      [['Range: bytes=500-', 'If-Match: "other"'], 412],
      [['Range: bytes=500-', `If-Modified-Since: ${LAST_MODIFIED}`], 304],
      [['Range: bytes=0-1', 'If-Match: *'], 206],
    ] as const) {
      const wire = await server.connect()
      await wire.send(get('/static/hundred.bin', ...lines))
      answers(wire, await wire.response(), { status }, 'Range comes last (RFC 9110 §13.2.2, §14.2)')
    }
    await holds(server, {
      send: get('/static/missing.bin', 'Range: bytes=0-1', 'If-Match: "other"'),
      expect: { status: 404 },
      why: 'what is not there has no ranges, and conditions change only what would be a success (RFC 9110 §13.2.1)',
    })
  })
})

describe('static files: large ones, and those that change', gradesLargeFiles)

/** What a probe sees of the module. */
type ConditionalModule = Pick<typeof import('../../../levels/level3/conditional.ts'), 'rangesApply'>

/** A target that must not be served, nor betray what it leads to. */
async function isKept(
  server: Server,
  target: string,
  status: number | readonly number[],
): Promise<void> {
  const wire = await server.connect()
  await wire.send(get(target))
  const response = await wire.response()
  if (response.content.includes(SECRET)) {
    throw wire.fails({
      expected: `status ${[status].flat().join(' or ')}`,
      received: `status ${response.status} with what lies outside of the root, or in a dotfile`,
      why: 'whatever a path says, nothing outside of STATIC_ROOT is served, ever',
    })
  }
  answers(wire, response, { status }, 'everything that is not served is 404')
  wire.close()
}

/** A date in its three forms (RFC 9110 §5.6.7). */
function formsOf(date: Date): string[] {
  const [weekday = '', day = '', month = '', year = '', time = ''] = date.toUTCString().split(/,? /)
  const long = date.toLocaleDateString('en-US', { weekday: 'long', timeZone: 'UTC' })
  return [
    date.toUTCString(),
    `${long}, ${day}-${month}-${year.slice(2)} ${time} GMT`,
    `${weekday} ${month} ${day.replace(/^0/, ' ')} ${time} ${year}`,
  ]
}
