import { createServer, type AddressInfo } from 'node:net'

const server = createServer((socket) => socket.resume())
server.listen(Number(process.env['PORT']), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})
