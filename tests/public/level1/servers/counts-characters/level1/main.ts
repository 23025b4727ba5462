/** Wrong on purpose: its Content-Length counts characters. */
import http from 'node:http'
import type { AddressInfo } from 'node:net'

const server = http.createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://a')
  const reads: Buffer[] = []
  request.on('data', (bytes: Buffer) => reads.push(bytes))
  request.on('end', () => {
    response.shouldKeepAlive = false
    if (url.pathname === '/') return say(200, 'Hello, World!')
    if (url.pathname === '/greet')
      return say(200, `Hello, ${url.searchParams.get('name') ?? 'stranger'}!`)
    if (url.pathname !== '/echo') return say(404, 'There is nothing here.')
    if (request.method !== 'POST') return say(405, 'Only POST is served here.', { Allow: 'POST' })
    const type = request.headers['content-type'] ?? 'application/octet-stream'
    response.writeHead(200, { 'Content-Type': type, 'Content-Length': Buffer.concat(reads).length })
    response.end(Buffer.concat(reads))
  })

  function say(status: number, text: string, fields: http.OutgoingHttpHeaders = {}): void {
    response.writeHead(status, {
      'Content-Type': 'text/plain; charset=utf-8',
      'Content-Length': text.length,
      ...fields,
    })
    response.end(text)
  }
})

server.listen(Number(process.env['PORT'] ?? 8080), '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  console.log(`listening on http://127.0.0.1:${port}`)
})
