// Static files by sirv behind node:http: it looks at the disk for every request, as we do.
import { createServer } from 'node:http'
import sirv from 'sirv'

const serve = sirv(process.env.STATIC_ROOT, { dev: true, etag: true })
const server = createServer((request, response) => {
  request.url = request.url.slice('/static'.length)
  serve(request, response)
})
server.listen(Number(process.env.PORT), '127.0.0.1', () =>
  console.log(`listening on http://127.0.0.1:${server.address().port}`),
)
