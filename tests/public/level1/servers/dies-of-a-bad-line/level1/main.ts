/** Wrong on purpose: a request line without a target ends the process. */
import net from 'node:net'

const server = net.createServer((socket) => {
  let head = ''
  socket.on('error', () => socket.destroy())
  socket.setEncoding('latin1').on('data', (text: string) => {
    head += text
    if (!head.includes('\r\n\r\n')) return
    const [requestLine = '', ...fieldLines] = head.split('\r\n')
    const [method, target] = requestLine.split(' ') as [string, string]
    const path = target.split('?')[0] ?? ''
    if (!fieldLines.some((line) => /^host:/i.test(line)))
      return answer(socket, method, 400, 'Host is missing.')
    if (path === '/') return answer(socket, method, 200, 'Hello, World!')
    answer(socket, method, 404, 'There is nothing here.')
  })
})

function answer(socket: net.Socket, method: string, status: number, text: string): void {
  const content = Buffer.from(text)
  socket.write(
    `HTTP/1.1 ${status} -\r\nDate: ${new Date().toUTCString()}\r\nContent-Type: text/plain; charset=utf-8\r\n` +
      `Content-Length: ${content.length}\r\nConnection: close\r\n\r\n`,
  )
  socket.end(method === 'HEAD' ? '' : content)
}

server.listen(Number(process.env['PORT'] ?? 8080), '127.0.0.1', () => {
  const { port } = server.address() as net.AddressInfo
  console.log(`listening on http://127.0.0.1:${port}`)
})
