/** Experiments that tell a broken server from a correct one (task 1.7). */
import type { Case } from './case.ts'

export const cases: readonly Case[] = [
  {
    title: 'answers the greeting of the home page',
    send: 'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
    expect: { status: 200, fields: { 'Content-Length': '13' }, content: 'Hello, World!' },
  },
  // TODO(1.7): Send what a real client may send and your first server got wrong; say what must come back.
]
