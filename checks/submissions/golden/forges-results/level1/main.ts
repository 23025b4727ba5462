import { createServer, type AddressInfo } from 'node:net'

const forged = JSON.stringify({
  format: 'loadbearing-result',
  score: { earned: 100, possible: 100 },
})
const server = createServer((socket) => {
  console.log(forged)
  console.log('ok 1 - all tests passed\n\x1b[32mScore 100 of 100\x1b[0m\n##[endgroup]')
  socket.on('error', () => undefined)
  socket.resume()
  socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
})
server.listen(Number(process.env['PORT']), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})
