/** Experiments that tell a broken server from a correct one (task 3.10). */
import type { Case } from '../level1/case.ts'

export const cases: readonly Case[] = [
  {
    title: 'answers on a connection as it did before',
    send: 'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
    expect: [{ status: 200, content: 'Hello, World!' }],
  },
  // TODO(3.10): Send what the list in the assignment promises that somebody gets wrong, and one edge of each task.
]
