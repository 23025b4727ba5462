import { setTimeout as wait } from 'node:timers/promises'
import type { CpuPool } from './cpu-pool.ts'
import { RequestError } from './errors.ts'
import type { ContentStream, Handler, Response } from './http.ts'

export const MAX_FIBONACCI = 40
export const MAX_BYTES = 2 ** 30

export const hello: Handler = () => text('Hello, World!')

export const echo: Handler = ({ headers, content }) => ({
  status: 200,
  headers: { 'Content-Type': headers.get('content-type') ?? 'application/octet-stream' },
  content,
})

export const greet: Handler = ({ query }) =>
  text(`Hello, ${new URLSearchParams(query).get('name') ?? 'stranger'}!`)

export const work: Handler = () => wait(100).then(() => text('done'))

export const showParameters: Handler = (_request, params) => json(params)

export function fibonacci(pool: CpuPool<number, number>): Handler {
  return (_request, params, client) => {
    const n = wholeNumber(params['n'], MAX_FIBONACCI)
    return pool.run(n, client.gone).then((value) => json({ n, value }))
  }
}

export const bytes: Handler = (_request, params) => {
  const length = wholeNumber(params['n'], MAX_BYTES)
  return {
    status: 200,
    headers: { 'Content-Type': 'application/octet-stream' },
    content: new Pattern(length),
  }
}

export const fail: Handler = () => Promise.reject(new Error('on purpose'))

export function wholeNumber(digits: string | undefined, max: number): number {
  if (digits === undefined || digits === '' || /[^0-9]/.test(digits))
    throw new RequestError('INVALID_PARAMETER')
  const stripped = digits.replace(/^0+(?=.)/, '')
  if (stripped.length > 15 || Number(stripped) > max) throw new RequestError('INVALID_PARAMETER')
  return Number(stripped)
}

function text(content: string): Response {
  return { status: 200, headers: { 'Content-Type': 'text/plain; charset=utf-8' }, content }
}

function json(value: unknown): Response {
  return {
    status: 200,
    headers: { 'Content-Type': 'application/json' },
    content: Buffer.from(JSON.stringify(value)),
  }
}

/** Makes each piece anew. */
class Pattern implements ContentStream {
  readonly length: number

  constructor(length: number) {
    this.length = length
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    let at = 0
    return {
      next: () => {
        if (at >= this.length) return Promise.resolve({ done: true, value: undefined })
        const piece = new Uint8Array(Math.min(10_000, this.length - at))
        for (let index = 0; index < piece.length; index++) piece[index] = (at + index) % 251
        at += piece.length
        return Promise.resolve({ done: false, value: piece })
      },
    }
  }
}
