import { chmod } from 'node:fs/promises'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { measurePeers } from '../../bench/peers.ts'
import { nginxPeer, nodePeer } from '../../bench/peer-servers.ts'
import type { Build } from '../../harness/build.ts'
import { folderWith } from '../kit/folders.ts'
import { built, serverThat } from '../kit/submission.ts'

afterEach(() => {
  vi.unstubAllEnvs()
})

describe('a server to compare with', () => {
  it('answers, and is gone when it is stopped', async () => {
    const peer = nodePeer('node:http', 'node-http.mjs', undefined, '/nowhere', undefined)
    expect(peer.missing).toBe(undefined)
    const { port, stop } = await peer.start()
    const address = `http://127.0.0.1:${port}/`
    expect(await (await fetch(address)).text()).toBe('Hello, World!')
    await stop()
    await expect(fetch(address)).rejects.toThrow()
  })

  it('that is not installed says how to install it', () => {
    const { missing } = nodePeer('express', 'express.mjs', 'no-such-package', '/nowhere', undefined)
    expect(missing).toBe('express is not installed: npm ci --prefix tools/peers.')
  })

  it('that is no program of this machine says how to install it', async () => {
    vi.stubEnv('PATH', '/nowhere')
    const { missing } = nginxPeer(await folderWith(), undefined)
    expect(missing).toBe('nginx is not installed: apt-get install nginx-light.')
  })

  it('that ends at once is an error, and no wait', async () => {
    const peer = nodePeer('none', 'no-such-file.mjs', undefined, '/nowhere', undefined)
    await expect(peer.start()).rejects.toThrow(/none ended before it listened|it said no port/)
  })
})

describe('peers', () => {
  it('are measured in pairs, and told with the ratio of each', async () => {
    await withWrk('  99%  1.50ms\n  2469 requests in 2.00s, 304KB read\nRequests/sec:  1234.50')
    const { rows, missing } = await measurePeers(await serverSaying('Hello, World!'), {
      only: 'p99 of the same',
    })
    expect(missing).toEqual([])
    expect(rows).toMatchObject([
      {
        title: 'p99 of the same',
        against: 'node:http',
        unit: 'ms',
        submission: 1.5,
        peer: 1.5,
        ratio: { median: 1, low: 1, high: 1 },
      },
    ])
  })

  it('are not compared with a server that answers something else', async () => {
    await withWrk('')
    const { rows, missing } = await measurePeers(await serverSaying('Hi!'), { only: 'p99' })
    expect(rows).toEqual([])
    expect(missing).toEqual([
      'p99 of the same, node:http: the submission answers / with 200 and 3 bytes, the peer with 200 and 13 bytes',
    ])
  })

  it('give no figures when requests failed', async () => {
    await withWrk('  99%  1.50ms\n  Non-2xx or 3xx responses: 7\nRequests/sec:  1234.50')
    const { missing } = await measurePeers(await serverSaying('Hello, World!'), { only: 'p99' })
    expect(missing).toEqual([
      'p99 of the same, node:http: wrk saw errors (Non-2xx or 3xx responses: 7)',
    ])
  })

  it('are not measured without wrk', async () => {
    const build = await serverSaying('Hello, World!')
    vi.stubEnv('PATH', '/nowhere')
    expect(await measurePeers(build)).toEqual({
      rows: [],
      missing: [
        'No peer was measured: wrk is not installed, and a slower load generator would measure itself. apt-get install wrk.',
      ],
    })
  })
})

function serverSaying(content: string): Promise<Build> {
  const head = `HTTP/1.1 200 OK\\r\\nContent-Length: ${content.length}\\r\\n\\r\\n`
  return built(serverThat(`socket.once('data', () => socket.end('${head}${content}'))`))
}

/** Puts a program in front of the others that is called wrk, and says this. */
async function withWrk(text: string): Promise<void> {
  const folder = await folderWith({ wrk: `#!/bin/sh\ncat <<'END'\n${text}\nEND\n` })
  await chmod(`${folder}/wrk`, 0o755)
  vi.stubEnv('PATH', `${folder}:${process.env['PATH'] ?? ''}`)
}
