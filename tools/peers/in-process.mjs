// What needs no socket to be measured, in ns of processor time, both sides in turns, the best of several rounds:
// a lookup in the trie against find-my-way, and 1 MB of chunked content in one read against one byte a read.
//
//     npm ci --prefix tools/peers && node tools/peers/in-process.mjs
import findMyWay from 'find-my-way'
import { RequestParser } from '../../solutions/level2/request-parser.ts'
import { TrieRouter } from '../../solutions/level3/trie-router.ts'

const ROUNDS = 25
const LOOKUPS = 50_000

const many = (pattern) => Array.from({ length: 10_000 }, (_, index) => pattern(index))
const mixed = ['/', '/a/:p/c', '/a/b/d', '/files/*', '/users', '/users/:id', '/users/:id/posts']
const tables = {
  texts: [
    ['/', '/users', '/users/new', '/about/team'],
    ['/users/new', '/about/team'],
  ],
  'one parameter': [
    ['/users/:id', '/posts/:id'],
    ['/users/123', '/posts/99'],
  ],
  'several parameters': [['/users/:id/posts/:post'], ['/users/123/posts/9']],
  wildcard: [['/files/*', '/users/:id'], ['/files/css/main.css']],
  mixed: [mixed, ['/users/7/posts', '/a/x/c', '/files/a/b', '/']],
  '10,000 routes with a parameter': [many((n) => `/r${n}/:id`), ['/r77/5', '/r9876/5']],
  '10,000 routes of text': [many((n) => `/r${n}/list`), ['/r77/list', '/r9876/list']],
  'nothing found': [mixed, ['/nothing/here', '/userz']],
}

console.log('| lookup | ours | find-my-way | ratio |')
for (const [name, [routes, paths]] of Object.entries(tables)) {
  const ours = new TrieRouter()
  const theirs = findMyWay()
  for (const route of routes) {
    ours.add('GET', route, 1)
    theirs.on('GET', route, () => 1)
  }
  // A path as fresh as from a socket: nothing can have been remembered about it.
  const bytes = paths.map((path) => Buffer.from(path))
  const fresh = (index) => bytes[index % bytes.length].toString('latin1')
  const [a, b] = inTurns(
    LOOKUPS,
    (index) => ours.find('GET', fresh(index)),
    (index) => theirs.find('GET', fresh(index)),
  )
  console.log(`| ${name} | ${a.toFixed(0)} | ${b.toFixed(0)} | ${(a / b).toFixed(2)} |`)
}

const MEGABYTE = 1_048_576
const limits = { maxRequestLineBytes: 8_192, maxHeaderBytes: 16_384, maxContentBytes: MEGABYTE }
console.log('| chunked content | in chunks of | in one read | one byte a read | the reads alone |')
for (const [bytes, chunkBytes] of [
  [MEGABYTE / 4, MEGABYTE / 4],
  [MEGABYTE, MEGABYTE],
  [MEGABYTE, 4_096],
]) {
  const chunk = `${chunkBytes.toString(16)}\r\n${'x'.repeat(chunkBytes)}\r\n`
  const head = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n'
  const request = Buffer.from(`${head}${chunk.repeat(bytes / chunkBytes)}0\r\n\r\n`)
  const singles = Array.from(request, (_, index) => request.subarray(index, index + 1))
  const nothing = { push: (bytes) => bytes.length }
  const feed = (parser, reads) => {
    for (const bytes of reads) parser.push(bytes)
  }
  const [whole, cut, reads] = inTurns(
    1,
    () => feed(new RequestParser(limits), [request]),
    () => feed(new RequestParser(limits), singles),
    () => feed(nothing, singles),
  )
  const perByte = (ns) => `${(ns / request.length).toFixed(1)} ns`
  console.log(
    `| ${bytes} | ${chunkBytes} | ${perByte(whole)} | ${perByte(cut)} | ${perByte(reads)} |`,
  )
}

/** ns of processor time a call, of each in turns: the best of the rounds after the first three. */
function inTurns(calls, ...functions) {
  const best = functions.map(() => Infinity)
  for (let round = 0; round < ROUNDS; round++) {
    for (const [place, call] of functions.entries()) {
      const before = process.cpuUsage()
      for (let index = 0; index < calls; index++) call(index)
      const { user, system } = process.cpuUsage(before)
      if (round > 2) best[place] = Math.min(best[place], ((user + system) * 1000) / calls)
    }
  }
  return best
}
