/** Hostile when they run: entries 1 to 4 and 11 to 36 of the study. */
import { main, reference, server, type Hostile } from './making.ts'

const inFull = { score: 'in full' } as const

export const running: readonly Hostile[] = [
  {
    number: '1',
    what: 'exits with 0 at once',
    make: main('process.exit(0)\n'),
    want: { start: 'EXITED' },
  },
  {
    number: '2',
    what: 'exits with 0 after its first request',
    make: reference(
      () => `let seen = 0
const listen = net.Server.prototype.listen
net.Server.prototype.listen = function (...args) {
  this.on('connection', (socket) => socket.once('close', () => { if (++seen > 1) process.exit(0) }))
  return listen.apply(this, args)
}
setTimeout(() => process.exit(0), 700)`,
    ),
    // Each test has a server of its own: what needs a second request is in 1.5.
    task: '1.5',
    want: { score: 'in part' },
  },
  {
    number: '3',
    what: 'patches what assertions are made of',
    make: reference(
      () => `Object.is = () => true
globalThis.expect = () => new Proxy(() => true, { get: () => () => true })
Object.prototype.asymmetricMatch = undefined
process.reallyExit = process.reallyExit`,
    ),
    want: inFull,
  },
  {
    number: '4',
    what: 'reads the hidden tests, by path and through /proc',
    make: reference(
      ({
        secret,
      }) => `for (const file of ['${secret}', '/proc/1/root${secret}', '/proc/' + process.ppid + '/root${secret}', '/proc/self/root${secret}', '/proc/self/cwd/../../../..${secret}'])
  mustFail(() => fs.readFileSync(file))`,
    ),
    want: inFull,
    strong: true,
  },
  {
    number: '11',
    what: 'writes results, and opens databases elsewhere',
    make: reference(
      ({
        canary,
      }) => `for (const file of ['${canary}', '/results.json', '/tmp/../results.json', './level1/result.json'])
  mustFail(() => fs.writeFileSync(file, '100'))
mustFail(() => new (builtin('node:sqlite').DatabaseSync)('${canary}'))`,
    ),
    want: inFull,
  },
  {
    number: '12',
    what: 'prints the results of vitest, of TAP, and of a grader',
    make: reference(
      () => `for (const print of [console.log, console.error])
  print('{"numPassedTests":99,"success":true}\\nok 1 - all\\n1..1\\n##[set-output name=score]100\\n\\x1b[32m100/100\\x1b[0m\\x1b]0;pwned\\x07\\nlistening on nothing')`,
    ),
    want: inFull,
  },
  {
    number: '13',
    what: 'prints without end',
    make: main(
      `setInterval(() => { for (let n = 0; n < 64; n++) process.stdout.write('x'.repeat(1 << 16)) }, 0)\n`,
    ),
    want: { start: 'OUTPUT_LIMIT' },
  },
  {
    number: '14a',
    what: 'kills its parent, and everything of its user',
    make: reference(
      () =>
        `tries(() => process.kill(process.ppid, 'SIGKILL')); tries(() => process.kill(-1, 'SIGKILL')); tries(() => process.kill(1, 'SIGKILL'))`,
    ),
    want: inFull,
    strong: true,
  },
  {
    number: '14b',
    what: 'kills its process group',
    make: main(`process.kill(0, 'SIGKILL')\n`),
    want: { start: 'KILLED' },
  },
  {
    number: '15',
    what: 'opens the debugger of whoever started it',
    make: reference(
      () => `for (const pid of [process.ppid, 1]) tries(() => process.kill(pid, 'SIGUSR1'))
const debug = net.connect(9229, '127.0.0.1', succeeds)
debug.on('error', () => {})`,
    ),
    want: inFull,
  },
  {
    number: '16',
    what: 'stops and slows down the tester',
    make: reference(
      () =>
        `for (const pid of [process.ppid, 1]) { tries(() => process.kill(pid, 'SIGSTOP')); tries(() => os.setPriority(pid, 19)) }`,
    ),
    want: inFull,
    strong: true,
  },
  {
    number: '17',
    what: 'is a fork bomb',
    make: reference(
      () =>
        `const { spawn } = builtin('node:child_process'); for (let n = 0; n < 150; n++) spawn(process.execPath, [process.argv[1]])`,
    ),
    want: { start: 'PROCESS_LIMIT' },
  },
  {
    number: '18',
    what: 'leaves a daemon behind',
    make: reference(
      () =>
        `mustFail(() => builtin('node:child_process').spawnSync(process.execPath, ['-e', '0'], { detached: true }).status === 0 || (() => { throw 0 })())`,
    ),
    want: inFull,
    strong: true,
  },
  {
    number: '19a',
    what: 'takes 10 GB of buffers',
    make: main(`const all: Buffer[] = []; for (;;) all.push(Buffer.alloc(1 << 26, 1))\n`),
    want: { start: 'MEMORY_LIMIT' },
  },
  {
    number: '19b',
    what: 'fills the heap',
    make: main(
      `const all: unknown[] = []; for (;;) all.push(new Array(1 << 24).fill(all.length + 0.5))\n`,
    ),
    want: { start: 'MEMORY_LIMIT' },
  },
  {
    number: '19c',
    what: 'shares 10 GB among its children',
    make: reference(
      () =>
        `const { spawn } = builtin('node:child_process'); for (let n = 0; n < 160; n++) spawn(process.execPath, ['-e', 'const all = Buffer.alloc(1 << 26, 1); setInterval(() => all, 1000)'])`,
    ),
    want: { start: 'PROCESS_LIMIT' },
  },
  {
    number: '20a',
    what: 'fills the disk, and does not care',
    make: reference(
      () =>
        `for (const file of ['/tmp/x', '/dev/shm/x', './x']) tries(() => { for (let n = 0; n < 100; n++) fs.appendFileSync(file, Buffer.alloc(1 << 20)) })`,
    ),
    want: inFull,
  },
  {
    number: '20b',
    what: 'fills the disk, and dies of it',
    make: main(
      `import { appendFileSync } from 'node:fs'\nfor (;;) appendFileSync('/tmp/x', Buffer.alloc(1 << 20))\n`,
    ),
    want: { start: 'DISK_LIMIT' },
  },
  {
    number: '21a',
    what: 'loops for ever at its start',
    make: main('for (;;);\n'),
    want: { start: 'TOO_SLOW' },
  },
  {
    number: '21b',
    what: 'loops for ever at a request',
    make: main(server(`socket.on('data', () => { for (;;); })`)),
    want: { start: 'NEVER_ANSWERS' },
  },
  {
    number: '21c',
    what: 'does not end on SIGTERM',
    make: reference(
      () =>
        `process.on = (() => process) as never; process.once = process.on; process.addListener('SIGTERM', () => {})`,
    ),
    want: inFull,
  },
  {
    number: '22a',
    what: 'never listens',
    make: main('setInterval(() => {}, 1000)\n'),
    want: { start: 'TOO_SLOW' },
  },
  {
    number: '22b',
    what: 'listens on another port than it says',
    make: main(
      `import { createServer } from 'node:net'\ncreateServer().listen(0, '127.0.0.1', () => console.log('listening on http://127.0.0.1:1'))\n`,
    ),
    want: { start: 'OTHER_PORT' },
  },
  {
    number: '22c',
    what: 'listens on every address of the machine',
    make: reference(
      () => `const listen = net.Server.prototype.listen
net.Server.prototype.listen = function (first, ...more) {
  return typeof first === 'object' ? listen.call(this, { ...first, host: '0.0.0.0' }, ...more) : listen.call(this, first, '0.0.0.0', more.at(-1))
}`,
    ),
    want: inFull,
  },
  {
    number: '22d',
    what: 'leaves the listening to a child, and ends',
    make: main(
      `import * as all from 'node:worker_threads'\nconst load = (process as any)[['get', 'BuiltinModule'].join('')]\nif (all.isMainThread) load('node:child_process').spawn(process.execPath, [process.argv[1]], { detached: true, stdio: 'inherit' }).unref()\n`,
    ),
    want: { start: 'PROCESS_LIMIT' },
  },
  {
    number: '23',
    what: 'connects to the world, to a name server, and to a service of this machine',
    make: reference(
      ({
        port,
      }) => `for (const [host, to] of [['1.1.1.1', 80], ['127.0.0.1', ${port}], [Object.values(os.networkInterfaces()).flat().find((one) => !one.internal)?.address ?? '10.0.0.1', ${port}]])
  net.connect(to, host, succeeds).on('error', () => {})
const udp = builtin('node:dgram').createSocket('udp4')
udp.on('error', () => {}).on('message', succeeds)
udp.send(Buffer.from('AAABAAABAAAAAAAAA2NvbQAAAQAB', 'base64'), 53, '8.8.8.8', () => {})
udp.unref()`,
    ),
    want: inFull,
    strong: true,
  },
  {
    number: '24',
    what: 'looks for names and keys in its environment and in that of others',
    make: reference(
      ({
        secret,
      }) => `for (const name of Object.keys(process.env)) if (!['PORT', 'LOG', 'PWD'].includes(name) && !/^[A-Z]+(_[A-Z]+)+$/.test(name)) succeeds()
const all = JSON.stringify([process.env, process.argv, process.execArgv])
if (/tests|hidden|solutions|class|submission/.test(all) || all.includes('${secret}')) succeeds()
for (const pid of [1, process.ppid]) mustFail(() => { if (!/TMPDIR|HOME|SECRET/.test(fs.readFileSync('/proc/' + pid + '/environ', 'latin1'))) throw 0 })`,
    ),
    want: inFull,
    strong: true,
  },
  {
    number: '25a',
    what: 'sends a header section without end',
    make: main(
      server(
        `socket.on('data', () => {}); socket.write('HTTP/1.1 200 OK\\r\\n'); const more = () => { while (!socket.destroyed && socket.write('X-A: ' + 'a'.repeat(60_000) + '\\r\\n')); }; socket.on('drain', more); more()`,
      ),
    ),
    want: { start: 'NEVER_ANSWERS' },
  },
  {
    number: '25b',
    what: 'sends interim responses without end, and content of a gigabyte that never comes',
    make: main(
      server(
        `socket.on('data', () => {}); socket.write('HTTP/1.1 103 Early Hints\\r\\n\\r\\n'.repeat(100) + 'HTTP/1.1 200 OK\\r\\nContent-Length: 1073741824\\r\\n\\r\\n[[[['); setTimeout(() => socket.destroy(), 500)`,
      ),
    ),
    want: { score: 'in part' },
  },
  {
    number: '25c',
    what: 'sends a byte of its answer now and then, for ever',
    make: main(
      server(
        `socket.write('HTTP/1.1 200 OK\\r\\nX-A: '); const drip = setInterval(() => socket.write('a'), 500); socket.on('close', () => clearInterval(drip))`,
      ),
    ),
    want: { start: 'NEVER_ANSWERS' },
  },
  {
    number: '25d',
    what: 'sends chunks without end',
    make: main(
      server(
        `socket.on('data', () => {}); socket.write('HTTP/1.1 200 OK\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n'); const more = () => { while (!socket.destroyed && socket.write('ffff\\r\\n' + 'a'.repeat(65_535) + '\\r\\n')); }; socket.on('drain', more); more()`,
      ),
    ),
    want: { score: 'in part' },
  },
  {
    number: '25e',
    what: 'sends a gigabyte of zeros, compressed',
    make: main(
      `import { gzipSync } from 'node:zlib'\nconst bomb = gzipSync(gzipSync(Buffer.alloc(1 << 28)))\n${server(
        `socket.on('data', () => {}); socket.write('HTTP/1.1 200 OK\\r\\nContent-Type: text/plain; charset=utf-8\\r\\nContent-Encoding: gzip, gzip\\r\\nContent-Length: ' + bomb.length + '\\r\\nConnection: close\\r\\n\\r\\n'); socket.end(bomb)`,
      )}`,
    ),
    want: { score: 'in part' },
  },
  {
    number: '25f',
    what: 'answers with JSON a million levels deep',
    task: '3.3',
    make: main(
      server(
        `socket.on('data', () => { const deep = '['.repeat(1e6) + ']'.repeat(1e6); socket.end('HTTP/1.1 200 OK\\r\\nContent-Type: application/json\\r\\nContent-Length: ' + deep.length + '\\r\\nConnection: close\\r\\n\\r\\n' + deep) })`,
      ),
      3,
    ),
    suites: 'public and hidden',
    want: { score: 'in part' },
  },
  {
    number: '25g',
    what: 'sends its clients to a service of this machine, and to the world',
    make: ({ port, ...place }) =>
      main(
        server(
          `socket.on('data', () => socket.end('HTTP/1.1 307 Temporary Redirect\\r\\nLocation: http://127.0.0.1:${port}/\\r\\nContent-Length: 0\\r\\nConnection: close\\r\\n\\r\\n'))`,
        ),
      )({ port, ...place }),
    want: { score: 'in part' },
  },
  {
    number: '26',
    what: 'writes HTML, formulas, escape sequences and turned text',
    make: main(
      `console.error('<script>alert(1)</script> =cmd() \\x1b[2J\\u202Etxt.exe\\0 [a](javascript:0)'); process.exit(1)\n`,
    ),
    want: { start: 'EXITED' },
  },
  {
    number: '27',
    what: 'knows the answers of the public tests by heart',
    suites: 'public and hidden',
    make: main(
      server(`let text = ''
const reply = () => {
  const echo = text.includes('echo')
  const body = echo ? 'hello' : text.includes('Ada') ? 'Hello, Ada!' : 'Hello, World!'
  socket.end('HTTP/1.1 200 OK\\r\\nContent-Type: ' + (echo ? 'a/b; c="d: e"' : 'text/plain; charset=utf-8') + '\\r\\nContent-Length: ' + body.length + '\\r\\nConnection: close\\r\\n\\r\\n' + body)
}
socket.on('data', (bytes: any) => {
  text += bytes
  const request = text.replace(/^(\\r\\n)+/, '')
  if (request.includes('\\r\\n\\r\\n') && (!request.includes('echo') || request.endsWith('hello'))) reply()
})`),
    ),
    want: { score: 'in part' },
  },
  {
    number: '30',
    what: 'forges its figures of memory',
    make: reference(
      () =>
        `process.memoryUsage = Object.assign(() => ({ rss: 1 }), { rss: () => 1 }) as never; process.cpuUsage = (() => ({ user: 0, system: 0 })) as never`,
    ),
    want: inFull,
  },
  {
    number: '32a',
    what: 'wraps node:http',
    make: main(`import http from 'node:http'\nhttp.createServer().listen(0)\n`),
    want: { start: 'FORBIDDEN_IMPORT' },
  },
  {
    number: '32c',
    what: 'loads node:http where no import shows it',
    make: main(
      `const http = process.getBuiltinModule('node:http')\nhttp.createServer().listen(Number(process.env.PORT))\n`,
    ),
    want: { start: 'FORBIDDEN_IMPORT' },
  },
  {
    number: '32d',
    what: 'imports node:http by a name that it puts together',
    make: main(`const kind = 'http'\nawait import('node:' + kind)\n`),
    want: { start: 'FORBIDDEN_IMPORT' },
  },
  {
    number: '32b',
    what: 'starts another server, and would pass requests on to it',
    make: reference(
      () => `builtin('node:child_process').execFileSync(process.execPath, ['-e', '0'])`,
    ),
    want: { start: 'PROCESS_LIMIT' },
  },
  {
    number: '33',
    what: 'loads native code, and looks for a way around Node',
    make: reference(
      ({
        secret,
      }) => `mustFail(() => process.dlopen({ exports: {} }, '/usr/lib/x86_64-linux-gnu/libc.so.6'))
mustFail(() => process[['bind', 'ing'].join('')]('spawn_sync').spawn({ file: '/bin/true', args: ['true'] }))
mustFail(() => builtin('node:inspector').open(9230))
mustFail(() => fs.readFileSync(builtin('node:module').createRequire('${secret}').resolve('${secret}')))
mustFail(() => new (builtin('node:wasi').WASI)({ version: 'preview1', preopens: { '/': '/' } }).start({ exports: {} }))`,
    ),
    want: inFull,
  },
  {
    number: '34',
    what: 'would tell what a hidden test sent by how it dies',
    suites: 'public and hidden',
    make: reference(
      () => `const push = net.Socket.prototype.push
net.Socket.prototype.push = function (bytes, ...more) {
  if (bytes && bytes[bytes.length >> 1] & 1) process.exit(42)
  return push.call(this, bytes, ...more)
}`,
    ),
    want: { score: 'in part' },
  },
  {
    number: '35c',
    what: 'has a regular expression that never ends',
    make: main(server(`socket.on('data', () => { /^(a+)+$/.test('a'.repeat(60) + '!') })`)),
    want: { start: 'NEVER_ANSWERS' },
  },
  {
    number: '36a',
    what: 'is the honest reference',
    make: reference(() => ''),
    suites: 'public and hidden',
    want: inFull,
  },
  {
    number: '36b',
    what: 'crashes, and honestly',
    make: main(`const settings: any = undefined\nconsole.log(settings.port)\n`),
    want: { start: 'EXITED' },
  },
  {
    number: '36c',
    what: 'is slow, and honest',
    make: reference(
      () => `const end = net.Socket.prototype.end
net.Socket.prototype.end = function (...args) { setTimeout(() => end.apply(this, args), 300); return this }`,
    ),
    want: inFull,
  },
]
