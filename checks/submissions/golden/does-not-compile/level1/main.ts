import { createServer } from 'node:net'

const server = createServer((socket) => socket.end(')
server.listen(Number(process.env['PORT']))
