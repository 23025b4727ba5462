/** Wrong on purpose: it takes one read for one request. */
import net from 'node:net'

const server = net.createServer((socket) => {
  socket.on('error', () => socket.destroy())
  socket.on('data', (bytes) => {
    const end = bytes.indexOf('\r\n\r\n')
    const [method, target, version] = bytes.toString('latin1', 0, Math.max(end, 0)).split(/ |\r\n/)
    if (end === -1 || target === undefined || version !== 'HTTP/1.1') {
      return answer(socket, method, 400, Buffer.from('This is no request.'))
    }
    if (target === '/') return answer(socket, method, 200, Buffer.from('Hello, World!'))
    if (target !== '/echo')
      return answer(socket, method, 404, Buffer.from('There is nothing here.'))
    answer(socket, method, 200, bytes.subarray(end + 4), 'application/octet-stream')
  })
})

function answer(
  socket: net.Socket,
  method: string | undefined,
  status: number,
  content: Buffer,
  type = 'text/plain; charset=utf-8',
): void {
  socket.write(
    `HTTP/1.1 ${status} -\r\nDate: ${new Date().toUTCString()}\r\nContent-Type: ${type}\r\n` +
      `Content-Length: ${content.length}\r\nConnection: close\r\n\r\n`,
  )
  socket.end(method === 'HEAD' ? '' : content)
}

server.listen(Number(process.env['PORT'] ?? 8080), '127.0.0.1', () => {
  const { port } = server.address() as net.AddressInfo
  console.log(`listening on http://127.0.0.1:${port}`)
})
