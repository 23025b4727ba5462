import { execFileSync } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ContentStream, Request, Response } from '../../solutions/level2/http.ts'
import type { FileContent } from '../../solutions/level3/file-content.ts'
import { staticFiles } from '../../solutions/level3/static-files.ts'

const home = mkdtempSync(join(tmpdir(), 'static-files-'))
const root = join(home, 'public')
const outside = join(home, 'outside')
const large = Buffer.from(Array.from({ length: 300_000 }, (_, i) => i % 251))

beforeAll(() => {
  mkdirSync(join(root, 'docs/empty'), { recursive: true })
  mkdirSync(join(root, '.git'))
  mkdirSync(outside)
  mkdirSync(`${root}-private`)
  writeFileSync(join(root, 'hello.txt'), 'Hello, World!\n')
  writeFileSync(join(root, 'a..b.txt'), 'two dots')
  writeFileSync(join(root, 'ü & 100%.html'), '<p>')
  writeFileSync(join(root, 'docs/index.html'), '<h1>')
  writeFileSync(join(root, 'empty.txt'), '')
  writeFileSync(join(root, 'large.bin'), large)
  writeFileSync(join(root, 'README'), 'no extension')
  writeFileSync(join(root, '.env'), 'SECRET')
  writeFileSync(join(root, '.git/config'), 'SECRET')
  writeFileSync(join(outside, 'secret.txt'), 'SECRET')
  writeFileSync(`${root}-private/secret.txt`, 'SECRET')
  symlinkSync(join(outside, 'secret.txt'), join(root, 'leak.txt'))
  symlinkSync(outside, join(root, 'leaks'))
  symlinkSync('../public-private', join(root, 'sibling'))
  symlinkSync('hello.txt', join(root, 'inside.txt'))
  symlinkSync('docs', join(root, 'inside'))
  symlinkSync('loop', join(root, 'loop'))
  execFileSync('mkfifo', [join(root, 'fifo')])
  for (const name of ['hello.txt', 'large.bin']) utimesSync(join(root, name), 1_000_000, 1_000_000)
})
afterAll(() => rmSync(home, { recursive: true }))

const get = (
  target: string,
  headers: Record<string, string> = {},
  method = 'GET',
  folder = root,
) => {
  const [path = '', query = ''] = target.split('?', 2)
  const request: Request = {
    method,
    target,
    path,
    query,
    version: 'HTTP/1.1',
    headers: new Map(Object.entries(headers)),
    content: Buffer.alloc(0),
  }
  return staticFiles(folder)(
    request,
    {},
    { remoteAddress: undefined, gone: new AbortController().signal },
  ) as Response
}

async function contentOf(response: Response): Promise<Buffer> {
  const { content = '' } = response
  if (typeof content === 'string') return Buffer.from(content)
  if (content instanceof Uint8Array) return Buffer.from(content)
  const pieces: Buffer[] = []
  for await (const piece of content) pieces.push(Buffer.from(piece))
  const all = Buffer.concat(pieces)
  if (response.status !== 200 || all.length > 0) expect(all.length).toBe(content.length)
  return all
}

const refusal = (target: string, headers = {}, method = 'GET') => {
  try {
    return get(target, headers, method).status
  } catch (error) {
    return (error as { status?: number }).status ?? error
  }
}

describe('static files', () => {
  it('serves a file with its type and validators', async () => {
    const response = get('/static/hello.txt')
    expect(response).toMatchObject({
      status: 200,
      headers: {
        'Content-Type': 'text/plain; charset=utf-8',
        'Last-Modified': 'Mon, 12 Jan 1970 13:46:40 GMT',
        'Accept-Ranges': 'bytes',
      },
    })
    expect(response.headers?.['ETag']).toMatch(/^"[^"]+"$/)
    expect(String(await contentOf(response))).toBe('Hello, World!\n')
  })

  it.each([
    ['/static/a..b.txt', 'text/plain; charset=utf-8'],
    ['/static/%C3%BC%20%26%20100%25.html', 'text/html; charset=utf-8'],
    ['/static/%68ello.txt?x=1', 'text/plain; charset=utf-8'],
    ['/st%61tic/hello.txt', 'text/plain; charset=utf-8'],
    ['/static/docs/', 'text/html; charset=utf-8'],
    ['/static/README', 'application/octet-stream'],
    ['/static/large.bin', 'application/octet-stream'],
    ['/static/inside.txt', 'text/plain; charset=utf-8'],
    ['/static/inside/', 'text/html; charset=utf-8'],
    ['/static/inside/index.html', 'text/html; charset=utf-8'],
  ])('serves %s', async (target, type) => {
    const response = get(target)
    expect(response.status).toBe(200)
    expect(response.headers?.['Content-Type']).toBe(type)
    await contentOf(response)
  })

  it.each([
    ...[
      '.env',
      '.git/config',
      '.',
      '..',
      '../outside/secret.txt',
      '%2e%2e/outside/secret.txt',
      '%2E%2E%2Foutside%2Fsecret.txt',
    ],
    ...[
      '..%2foutside/secret.txt',
      '%252e%252e/outside/secret.txt',
      '..%5coutside',
      '..\\outside\\secret.txt',
      'docs%2findex.html',
    ],
    ...[
      '/etc/passwd',
      '%2Fetc%2Fpasswd',
      'docs//index.html',
      'docs/./index.html',
      'docs/../hello.txt',
      'leak.txt',
      'leaks/secret.txt',
    ],
    ...[
      'leaks',
      'leaks/',
      'sibling/secret.txt',
      '../public-private/secret.txt',
      'loop',
      'fifo',
      'hello.txt/',
      'hello.txt/x',
      'docs/empty/',
    ],
    ...['none', '', 'HELLO.TXT', `${'x'.repeat(300)}`, 'hello.txt%20', 'hello.txt.', '%E2%80%A5/x'],
  ])('answers 404 to /static/%s', (rest) => expect(refusal(`/static/${rest}`)).toBe(404))

  it.each(['%', '%zz', '%c3', '%ff', 'a%00b', 'hello.txt%00.html', '%C0%AE%C0%AE/x'])(
    'answers 400 to /static/%s',
    (rest) => expect(refusal(`/static/${rest}`)).toBe(400),
  )

  it('serves nothing without its folder', () => {
    expect(() => get('/static/hello.txt', {}, 'GET', join(home, 'none'))).toThrow(
      expect.objectContaining({ status: 404 }),
    )
  })

  it('redirects a folder to its path with a slash, and keeps the query', () => {
    expect(get('/static/docs?a=%20b')).toEqual({
      status: 308,
      headers: { Location: '/static/docs/?a=%20b' },
    })
    expect(get('/static/inside').headers).toEqual({ Location: '/static/inside/' })
  })

  it('answers HEAD with the length and nothing else', async () => {
    for (const name of ['hello.txt', 'large.bin']) {
      const { status, headers, content } = get(`/static/${name}`, { range: 'bytes=0-1' }, 'HEAD')
      expect(status).toBe(200)
      expect(headers).toEqual(get(`/static/${name}`).headers)
      expect((content as ContentStream).length).toBe(name === 'hello.txt' ? 14 : 300_000)
    }
  })

  it('answers conditional requests', () => {
    const etag = get('/static/hello.txt').headers?.['ETag'] ?? ''
    expect(get('/static/hello.txt', { 'if-none-match': etag })).toEqual({
      status: 304,
      headers: { ETag: etag },
    })
    expect(refusal('/static/hello.txt', { 'if-match': '"x"' })).toBe(412)
    expect(get('/static/hello.txt', { 'if-none-match': etag, range: 'bytes=0-0' }).status).toBe(304)
  })

  it('changes the entity tag with the file, also within one second', () => {
    const etag = () => get('/static/changing.txt').headers?.['ETag']
    const name = join(root, 'changing.txt')
    writeFileSync(name, 'one')
    utimesSync(name, 5, 5)
    const first = etag()
    writeFileSync(`${name}.new`, 'two')
    utimesSync(`${name}.new`, 5, 5)
    renameSync(`${name}.new`, name)
    expect(etag()).not.toBe(first)
    const second = etag()
    utimesSync(name, 5, 5.001)
    expect(etag()).not.toBe(second)
  })

  it('serves ranges of small and large files', async () => {
    for (const [first, last] of [
      [0, 0],
      [5, 70_000],
      [65_535, 131_072],
      [299_999, 299_999],
      [1, 299_999],
    ] as const) {
      const response = get('/static/large.bin', { range: `bytes=${first}-${last}` })
      expect(response.status).toBe(206)
      expect(response.headers?.['Content-Range']).toBe(`bytes ${first}-${last}/300000`)
      expect((await contentOf(response)).equals(large.subarray(first, last + 1))).toBe(true)
    }
    expect(refusal('/static/large.bin', { range: 'bytes=300000-' })).toBe(416)
    expect(refusal('/static/empty.txt', { range: 'bytes=0-' })).toBe(416)
    expect(refusal('/static/empty.txt')).toBe(200)
  })

  it('names the size when no range is satisfiable', () => {
    expect(() => get('/static/hello.txt', { range: 'bytes=14-' })).toThrow(
      expect.objectContaining({ status: 416, headers: { 'Content-Range': 'bytes */14' } }),
    )
  })

  it('ignores a range that is about another state of the file', async () => {
    const etag = get('/static/hello.txt').headers?.['ETag'] ?? ''
    expect(get('/static/hello.txt', { range: 'bytes=0-1', 'if-range': etag }).status).toBe(206)
    expect(get('/static/hello.txt', { range: 'bytes=0-1', 'if-range': '"x"' }).status).toBe(200)
  })

  it.each([
    ['0-1,10-12', 2],
    ['0-99999,150000-299999,100500-100600', 3],
  ] as const)('serves the ranges %s as multipart', async (wanted, count) => {
    const response = get('/static/large.bin', { range: `bytes=${wanted}` })
    const type = response.headers?.['Content-Type'] ?? ''
    expect(response.status).toBe(206)
    expect(response.headers?.['Content-Range']).toBeUndefined()
    const boundary = /^multipart\/byteranges; boundary=([\w-]+)$/.exec(type)?.[1]
    const text = (await contentOf(response)).toString('latin1')
    const parts = text.split(`--${boundary}`)
    expect([parts[0], parts.at(-1)]).toEqual(['', '--\r\n'])
    const contents = parts.slice(1, -1).map((part) => {
      const [, first, last, content] =
        /^\r\nContent-Type: application\/octet-stream\r\nContent-Range: bytes (\d+)-(\d+)\/300000\r\n\r\n([^]*)\r\n$/.exec(
          part,
        ) ?? []
      expect(
        Buffer.from(content ?? '', 'latin1').equals(
          large.subarray(Number(first), Number(last) + 1),
        ),
      ).toBe(true)
      return `${first}-${last}`
    })
    expect(contents.join()).toBe(wanted)
    expect(contents.length).toBe(count)
  })

  it('goes on with the file that it opened when another takes its place', async () => {
    const name = join(root, 'replaced.bin')
    writeFileSync(name, large)
    const response = get('/static/replaced.bin')
    writeFileSync(`${name}.new`, 'short')
    renameSync(`${name}.new`, name)
    expect((await contentOf(response)).equals(large)).toBe(true)
  })

  it('fails rather than pad a file that becomes shorter', async () => {
    const name = join(root, 'shrinking.bin')
    writeFileSync(name, large)
    const response = get('/static/shrinking.bin')
    truncateSync(name, 70_000)
    await expect(contentOf(response)).rejects.toThrow('shorter')
  })

  it('serves the announced length of a file that grows', async () => {
    const name = join(root, 'growing.bin')
    writeFileSync(name, large)
    const response = get('/static/growing.bin')
    writeFileSync(name, 'more', { flag: 'a' })
    expect((await contentOf(response)).equals(large)).toBe(true)
  })

  it('serves exact ranges of a file beyond 4 GiB', async () => {
    const name = join(root, 'sparse.bin')
    writeFileSync(name, '')
    truncateSync(name, 5 * 2 ** 30)
    const response = get('/static/sparse.bin', { range: 'bytes=5368709119-' })
    expect(response.headers?.['Content-Range']).toBe('bytes 5368709119-5368709119/5368709120')
    expect(await contentOf(response)).toEqual(Buffer.from([0]))
  })

  it('gives every descriptor back', async () => {
    const before = readdirSync('/proc/self/fd').length
    for (const target of [
      'hello.txt',
      'none',
      'docs',
      'docs/',
      'docs/empty/',
      'fifo',
      'leak.txt',
      'leaks/secret.txt',
      'inside.txt',
    ]) {
      refusal(`/static/${target}`)
      refusal(`/static/${target}`, {}, 'HEAD')
      refusal(`/static/${target}`, { range: 'bytes=999-' })
      refusal(`/static/${target}`, { 'if-match': '"x"' })
    }
    get('/static/large.bin', {}, 'HEAD')
    await contentOf(get('/static/large.bin'))
    const unread = get('/static/large.bin').content as ContentStream
    await unread[Symbol.asyncIterator]().return?.()
    const left = (get('/static/large.bin').content as ContentStream)[Symbol.asyncIterator]()
    await left.next()
    await left.return?.()
    const interrupted = (get('/static/large.bin').content as FileContent)[Symbol.asyncIterator]()
    await Promise.all([interrupted.next(), interrupted.return?.()])
    expect(await left.next()).toEqual({ done: true, value: undefined })
    expect(readdirSync('/proc/self/fd').length).toBe(before)
  })

  it('never follows a folder that turns into a link and back while requests come', async () => {
    const folder = join(root, 'flip')
    mkdirSync(folder)
    writeFileSync(join(folder, 'secret.txt'), 'fine')
    const flipper = `
      const { renameSync, symlinkSync, unlinkSync } = require('node:fs')
      const [folder, outside] = process.argv.slice(1)
      const end = Date.now() + 1500
      while (Date.now() < end) {
        renameSync(folder, folder + '.away'); symlinkSync(outside, folder)
        unlinkSync(folder); renameSync(folder + '.away', folder)
      }`
    const { spawn } = await import('node:child_process')
    const child = spawn(process.execPath, ['-e', flipper, folder, outside])
    let isOver = false
    child.on('exit', () => (isOver = true))
    const seen = new Map<string, number>()
    while (!isOver) {
      for (let i = 0; i < 200; i++) {
        let what: string
        try {
          const { content } = get('/static/flip/secret.txt')
          what = content instanceof Uint8Array ? Buffer.from(content).toString() : 'no bytes'
        } catch (error) {
          what = String((error as { status?: number }).status)
        }
        seen.set(what, (seen.get(what) ?? 0) + 1)
      }
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(seen.has('SECRET')).toBe(false)
    expect(seen.get('fine')).toBeGreaterThan(0)
  })
})
