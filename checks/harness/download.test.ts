import { expect, it } from 'vitest'
import { launch } from '../../harness/launch.ts'
import { Download } from '../../tests/kit/download.ts'
import { built, serverThat } from '../kit/submission.ts'

it('a download whose head comes byte by byte leaves no listener with each of them', async () => {
  const build = await built(
    serverThat(`socket.setNoDelay(true)
const bytes = [...'HTTP/1.1 200 OK\\r\\nContent-Length: 0\\r\\nDate: Sat, 28 Nov 2026 18:00:00 GMT\\r\\n\\r\\n']
const next = () => { socket.write(bytes.shift() ?? '', () => bytes.length > 0 && setTimeout(next, 2)) }
next()`),
  )
  const warnings: string[] = []
  const warned = ({ name }: Error) => void warnings.push(name)
  process.on('warning', warned)
  const server = await launch(build)
  try {
    const download = await Download.begin(server, '/')
    download.close()
    expect(download.status).toBe(200)
    expect(warnings).toEqual([])
  } finally {
    process.off('warning', warned)
    await server.stop()
  }
})
