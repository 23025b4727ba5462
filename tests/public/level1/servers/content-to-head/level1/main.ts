/** Wrong on purpose: HEAD gets the content, too. */
import net from 'node:net'

const server = net.createServer((socket) => {
  let head = ''
  socket.on('error', () => socket.destroy())
  socket.setEncoding('latin1').on('data', (text: string) => {
    head += text
    if (!head.includes('\r\n\r\n')) return
    const [method = '', target = ''] = head.split(' ')
    const [path, query] = target.split('?')
    if (path === '/') return answer(socket, 200, 'Hello, World!')
    if (path !== '/greet') return answer(socket, 404, 'There is nothing here.')
    if (method !== 'GET' && method !== 'HEAD')
      return answer(socket, 405, 'Not here.', 'Allow: GET, HEAD\r\n')
    answer(socket, 200, `Hello, ${new URLSearchParams(query).get('name') ?? 'stranger'}!`)
  })
})

function answer(socket: net.Socket, status: number, text: string, more = ''): void {
  const content = Buffer.from(text)
  socket.write(
    `HTTP/1.1 ${status} -\r\nDate: ${new Date().toUTCString()}\r\nContent-Type: text/plain; charset=utf-8\r\n` +
      `${more}Content-Length: ${content.length}\r\nConnection: close\r\n\r\n`,
  )
  socket.end(content)
}

server.listen(Number(process.env['PORT'] ?? 8080), '127.0.0.1', () => {
  const { port } = server.address() as net.AddressInfo
  console.log(`listening on http://127.0.0.1:${port}`)
})
