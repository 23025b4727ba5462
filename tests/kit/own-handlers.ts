/** Plays a scenario with handlers of the test's own behind a submission's `Connection`, and a client in front of it. */
import type { Build } from '../../harness/build.ts'
import { Expectation } from '../../harness/expectation.ts'
import { probe, type Json } from '../../harness/probe.ts'
import type { Handler } from '../../levels/level2/http.ts'
import type { Socket } from 'node:net'

/** What a probe sees of the module: the `Connection` of its level. */
interface Module {
  readonly Connection: new (...given: readonly unknown[]) => { start(onClose: () => void): void }
}

/** What came of one request. */
export interface Visit {
  readonly head: string
  readonly content: string
  readonly ending: 'FIN' | 'reset'
}

/** What a scenario has at hand. Its text runs in the submission's process, and sees nothing else. */
export interface Tools {
  /** Answers `/name` from now on. */
  on(name: string, handler: (...given: Parameters<Handler>) => unknown): void
  /** Asks for `/name`, by GET unless it says otherwise, and reads to the end. */
  get(name: string, method?: 'GET' | 'HEAD'): Promise<Visit>
  /** Asks for `/name`, and reads nothing. */
  stall(name: string): Promise<Stalled>
  /** Waits until this is so, or some seconds have passed; returns whether it is so. */
  until(isSo: () => boolean): Promise<boolean>
  /** Timers of the server that are still set. */
  timers(): number
}

export interface Stalled {
  /** The server's end. */
  readonly server: Socket
  readonly client: Socket
}

/**
 * @param scenario - stands alone, and returns what it saw
 * @throws {Expectation} when it saw anything but `wanted`
 */
export async function answersOwn<Seen extends Json>(
  build: Build,
  steps: readonly string[],
  scenario: (tools: Tools) => Promise<Seen>,
  wanted: Seen,
  why: string,
  level: 2 | 3 = 2,
): Promise<void> {
  const input = { scenario: scenario.toString(), level }
  const all = ['serve handlers of our own through Connection', ...steps]
  const seen = await probe(build, `level${level}/connection.ts`, play, input, {
    patienceMs: 30_000,
    about: { steps: all, why },
  })
  const [expected, received] = [JSON.stringify(wanted), JSON.stringify(seen)]
  if (expected === received) return
  throw new Expectation({
    steps: all,
    expected,
    received,
    why,
  })
}

async function play(
  module: Module,
  { scenario, level }: { readonly scenario: string; readonly level: number },
): Promise<Json> {
  const net = process.getBuiltinModule('node:net')
  const handlers = new Map<string, unknown>()
  const app = {
    find: (method: string, path: string) => ({
      kind: 'found',
      value: { method, pattern: path, handler: handlers.get(path.slice(1)) },
      params: {},
    }),
  }
  const settings = {
    HOST: '127.0.0.1',
    PORT: 0,
    LOG: false,
    MAX_REQUEST_LINE_BYTES: 8192,
    MAX_HEADER_BYTES: 16_384,
    MAX_CONTENT_BYTES: 1_048_576,
    HEADER_TIMEOUT_MS: 10_000,
    BODY_TIMEOUT_MS: 60_000,
    WRITE_TIMEOUT_MS: 60_000,
    MAX_QUEUE: 64,
    POOL_SIZE: 0,
    KEEP_ALIVE_TIMEOUT_MS: 5000,
    MAX_REQUESTS_PER_CONNECTION: 1000,
    MAX_PIPELINE: 16,
    MAX_CONNECTIONS: 1000,
    RATE_LIMIT: 0,
    RATE_WINDOW_MS: 0,
    SHUTDOWN_TIMEOUT_MS: 10_000,
    STATIC_ROOT: '/nothing',
  }
  const service = () => {
    // Vitest rewrites an `import()` in the text of a function.
    const load = process.getBuiltinModule('node:module').createRequire(process.argv[1] ?? '')
    const { Log } = load('./level3/log.js') as { readonly Log: new (write: undefined) => unknown }
    return { settings, router: app, rateLimiter: undefined, log: new Log(undefined) }
  }
  const shared = level === 2 ? [app, settings] : [service()]
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    new module.Connection(socket, ...shared).start(() => {})
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const tools: Tools = {
    on: (name, handler) => void handlers.set(name, handler),
    get: (name, method = 'GET') =>
      new Promise((resolve) => {
        let text = ''
        let ending: Visit['ending'] = 'FIN'
        const socket = net.connect(port, '127.0.0.1')
        socket.on('data', (bytes) => (text += bytes.toString('latin1')))
        socket.on('error', () => (ending = 'reset'))
        socket.on('close', () => {
          const end = text.indexOf('\r\n\r\n') + 4
          resolve({
            head: text.slice(0, Math.max(end, 4)),
            content: end < 4 ? '' : text.slice(end),
            ending,
          })
        })
        socket.write(`${method} /${name} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)
      }),
    async stall(name) {
      const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve))
      const client = net.connect(port, '127.0.0.1').pause()
      client.on('error', () => {})
      client.write(`GET /${name} HTTP/1.1\r\nHost: a\r\n\r\n`)
      return { client, server: await accepted }
    },
    async until(isSo) {
      for (let waited = 0; !isSo() && waited < 5000; waited += 10) {
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
      return isSo()
    },
    timers: () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length,
  }
  // A scenario is a function of the test's own, whose text came along as data.
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call
  const run = new Function(`return (${scenario})`)() as (tools: Tools) => Promise<Json>
  return await run(tools)
}
