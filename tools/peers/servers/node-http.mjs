// GET / with the same answer as ours, by node:http.
import { createServer } from 'node:http'

const server = createServer((_request, response) => {
  const content = 'Hello, World!'
  response.writeHead(200, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': Buffer.byteLength(content),
  })
  response.end(content)
})
server.listen(Number(process.env.PORT), '127.0.0.1', () =>
  console.log(`listening on http://127.0.0.1:${server.address().port}`),
)
