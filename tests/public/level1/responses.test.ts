import { dateIsNow, isComplete, isText } from '../../kit/every-answer.ts'
import { describe, it } from '../../kit/test.ts'
import { holds } from '../../kit/holds.ts'

describe('responses (RFC 9112 §4, §6)', () => {
  it('sends Date, Content-Length and Connection: close once each, then the content, then FIN', async ({
    server,
  }) => {
    const response = await holds(server, {
      send: 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n',
      expect: {
        status: 200,
        fields: { 'Content-Length': '13' },
        content: 'Hello, World!',
        closes: true,
      },
      why: 'an answer of this level, as the assignment shows it (task 1.2)',
    })
    isText(server, response)
    isComplete(server, response)
  })

  it('sends the fields of every answer with a refusal, too', async ({ server }) => {
    const response = await holds(server, {
      send: 'GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n',
      expect: { closes: true },
      why: 'a refusal is an answer like any other (RFC 9110 §15.5)',
    })
    isComplete(server, response)
  })

  it('names the moment of the answer in Date', async ({ server }) => {
    const from = Date.now()
    const response = await holds(server, {
      send: 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n',
      expect: { fields: { Date: '*' } },
      why: 'a server with a clock sends Date with every answer (RFC 9110 §6.6.1)',
    })
    dateIsNow(server, response, from, Date.now())
  })

  it('counts Content-Length in bytes', async ({ server }) => {
    await holds(server, {
      send: 'GET /greet?name=Zo%C3%AB HTTP/1.1\r\nHost: localhost\r\n\r\n',
      expect: { fields: { 'Content-Length': '12' }, content: 'Hello, Zo\xc3\xab!', closes: true },
      why: 'Content-Length counts octets, not characters (RFC 9110 §8.6)',
    })
  })

  it('answers HEAD with the fields of GET and no content', async ({ server }) => {
    await holds(server, {
      send: 'HEAD /greet?name=Ada HTTP/1.1\r\nHost: localhost\r\n\r\n',
      expect: { status: 200, fields: { 'Content-Length': '11' }, closes: true },
      why: 'HEAD asks for the fields of GET, Content-Length included, and not for the content (RFC 9110 §9.3.2)',
    })
  })

  it('refuses a HEAD without content', async ({ server }) => {
    await holds(server, {
      send: 'HEAD /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n',
      expect: { fields: { 'Content-Length': '*' }, closes: true },
      why: 'an answer to HEAD has no content, whatever its status (RFC 9110 §9.3.2)',
    })
  })

  it('answers a client that has ended its direction after a whole request', async ({ server }) => {
    await holds(server, {
      send: 'POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello',
      end: true,
      expect: { status: 200, content: 'hello', closes: true },
      why: 'FIN ends what the client sends, and says nothing about what it still reads (RFC 9112 §9.6)',
    })
  })
})
