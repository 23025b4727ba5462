import { afterEach, describe, expect, it, vi } from 'vitest'
import { measurePeers } from '../../bench/peers.ts'
import { nginxPeer, nodePeer } from '../../bench/peer-servers.ts'
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
  it('are not measured without wrk', async () => {
    const build = await built(serverThat('socket.end()'))
    vi.stubEnv('PATH', '/nowhere')
    expect(await measurePeers(build)).toEqual({
      rows: [],
      missing: [
        'No peer was measured: wrk is not installed, and a slower load generator would measure itself. apt-get install wrk.',
      ],
    })
  })
})
