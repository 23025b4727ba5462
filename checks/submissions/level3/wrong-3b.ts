/**
 * Servers of level 3 with one believable fault each, of the second half of its tasks: static files, connection limit,
 * rate limiter and shutdown. The faults of the text that the level grew from are among them.
 *
 * What a suite is worth: each must fail exactly the tests that are about its fault.
 */
import type { Edit } from '../../../tests/kit/edited.ts'
import type { WrongServer } from '../../kit/wrong-servers.ts'

/** An edit in level 3, unless the file names another one. */
function edit(file: string, find: string, replace: string): Edit {
  return { file: file.includes('/') ? file : `level3/${file}`, find, replace }
}

/** A connection of these knows whether it was reset. */
const noticesResets: readonly Edit[] = [
  edit(
    'connection.ts',
    "      .on('error', () => {})\n",
    "      .on('error', () => (wasReset = true))\n",
  ),
  edit(
    'connection.ts',
    '  start(onClose: () => void): void {\n',
    '  start(onClose: () => void): void {\n    let wasReset = false\n',
  ),
]

export const wrongServers: readonly WrongServer[] = [
  // 3.5
  {
    name: 'looks-for-two-dots',
    what: 'refuses a path with two dots in it, and believes every other (from the source text)',
    task: '3.5',
    edits: [
      edit(
        'static-path.ts',
        "  const names = encoded.split('/').map(decodeName)",
        "  if (encoded.includes('..')) throw new RequestError('NOT_FOUND')\n  const names = encoded.split('/').map(decodeName)",
      ),
      edit(
        'static-path.ts',
        "return name !== '' && !name.startsWith('.') && !/[/\\\\]/.test(name)",
        "return typeof name === 'string'",
      ),
      edit(
        'open-file.ts',
        'return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep)',
        'return path !== root || path.startsWith(sep)',
      ),
    ],
    fails: [
      'static-files: finds a file whose name has dots, a space or UTF-8 in it',
      'static-files: gives away nothing that lies outside of the root',
      'static-files: decodes a segment once, and takes every other character as it is',
      'static-files: answers 404 to a path that is not exactly that of a file',
      'static-files: gives no secret away, however a path is written',
      'static-files: follows links only as long as they end inside of the root',
      'static-files: serves no dotfile',
    ],
  },
  {
    name: 'files-as-text',
    what: 'sends small files as UTF-8 text (from the source text)',
    task: '3.5',
    edits: [
      edit(
        'file-content.ts',
        'return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces)',
        'return Buffer.from(Buffer.concat(pieces).toString())',
      ),
    ],
    fails: [
      'static-files: serves a file byte for byte, with its type',
      'static-files: sends one range of a file: 206',
      'static-files: sends several ranges as multipart/byteranges',
      'static-files: answers 416 to a range beyond the end, and ignores one that is none',
      'static-files: sends a range only of the file that If-Range names',
      'static-files: looks at preconditions in their order, whatever stands beside them',
      'static-files: sends each single range exactly',
      'static-files: ignores what is no range, and a range of anything but a GET',
      'static-files: sends several ranges as they were asked for, up to sixteen',
      'static-files: sends the whole file when ranges overlap, or are too many',
      'static-files: sends a range only of exactly the file that If-Range names',
      'static-files: finds the bytes beyond 4 GiB that a range begins with',
      'static-files: sends large ranges byte for byte, wherever they begin and end',
    ],
  },
  {
    name: 'whole-files',
    what: 'reads a whole file into memory (from the source text)',
    task: '3.5',
    edits: [
      edit(
        'static-files.ts',
        'return content.length > SMALL_BYTES ? content : content.readNow()',
        'return content.length > SMALL_BYTES * 1e9 ? content : content.readNow()',
      ),
    ],
    fails: [
      'static-files: keeps its memory flat while a client is slow to take a large file',
      'static-files: serves any part of a file of 5 GB',
      'static-files: destroys the connection when a file shrinks while it is sent',
      'static-files: answers nothing more on the connection of a file that shrank',
    ],
  },
  {
    name: 'links-anywhere',
    what: 'follows every link',
    task: '3.5',
    edits: [
      edit(
        'open-file.ts',
        'return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep)',
        'return path === root || path.startsWith(sep)',
      ),
    ],
    fails: [
      'static-files: gives away nothing that lies outside of the root',
      'static-files: follows links only as long as they end inside of the root',
    ],
  },
  {
    name: 'sibling-folders',
    what: 'takes a folder for part of the root whose name begins like it',
    task: '3.5',
    edits: [
      edit(
        'open-file.ts',
        'path.startsWith(root.endsWith(sep) ? root : root + sep)',
        'path.startsWith(root.endsWith(sep) ? root : root)',
      ),
    ],
    fails: ['static-files: follows links only as long as they end inside of the root'],
  },
  {
    name: 'dotfiles',
    what: 'serves dotfiles',
    task: '3.5',
    edits: [edit('static-path.ts', "!name.startsWith('.') &&", '!/^\\.\\.?$/.test(name) &&')],
    fails: [
      'static-files: gives away nothing that lies outside of the root',
      'static-files: serves no dotfile',
    ],
  },
  {
    name: 'decodes-twice',
    what: 'decodes names twice',
    task: '3.5',
    edits: [
      edit(
        'static-path.ts',
        'name = decodeURIComponent(segment)',
        'name = unescape(decodeURIComponent(segment))',
      ),
    ],
    fails: ['static-files: decodes a segment once, and takes every other character as it is'],
  },
  {
    name: 'root-each-time',
    what: 'resolves the root with each request',
    task: '3.5',
    edits: [
      edit(
        'static-files.ts',
        '    if (folder === undefined) throw',
        '    const folder = resolveFolder(root)\n    if (folder === undefined) throw',
      ),
      edit(
        'static-files.ts',
        '  const folder = resolveFolder(root)\n  const mountSegments',
        '  const mountSegments',
      ),
    ],
    fails: ['static-files: resolves the root once, when it starts'],
  },
  {
    name: 'socket-is-our-fault',
    what: 'answers 500 where a socket lies instead of a file',
    task: '3.5',
    edits: [edit('open-file.ts', "  'ENXIO',\n", '')],
    fails: ['static-files: serves regular files only, and waits for none'],
  },
  {
    name: 'waits-for-a-pipe',
    what: 'waits for somebody to write into a FIFO',
    task: '3.5',
    edits: [edit('open-file.ts', ' | (constants.O_NONBLOCK ?? 0)', '')],
    fails: ['static-files: serves regular files only, and waits for none'],
  },
  {
    name: 'tag-of-the-second',
    what: 'makes the entity tag of the size and the second',
    task: '3.5',
    edits: [
      edit(
        'entity-tag.ts',
        '${mtimeNs.toString(36)}-${ino.toString(36)}',
        '${(mtimeNs / 1_000_000_000n).toString(36)}${ino < 0n}',
      ),
    ],
    fails: ['static-files: gives a file another entity tag whenever it may have changed'],
  },
  {
    name: 'weak-tag',
    what: 'sends a weak entity tag',
    task: '3.5',
    edits: [edit('entity-tag.ts', 'return `"${size', 'return `W/"${size')],
    fails: [
      'static-files: answers 304 to a client that has the file already',
      'static-files: sends a range only of the file that If-Range names',
      'static-files: looks at preconditions in their order, whatever stands beside them',
      'static-files: looks at each precondition alone',
      'static-files: sends a range only of exactly the file that If-Range names',
    ],
  },
  {
    name: 'no-october',
    what: 'knows eleven months',
    task: '3.5',
    edits: [edit('parse-http-date.ts', "'Oct'", "'Okt'")],
    fails: [
      'static-files: reads the dates of every month, and takes none for a date that is not one',
    ],
  },
  {
    name: 'ranges-without-space',
    what: 'takes the white space out of a range before it reads it',
    task: '3.5',
    edits: [edit('ranges.ts', 'listMembers(set)', "listMembers(set.replace(/[ \\t]+/g, ''))")],
    fails: ['static-files: ignores what is no range, and a range of anything but a GET'],
  },
  {
    name: 'leaks-behind-links',
    what: 'keeps a file open that it has opened on a way that leads through a link',
    task: '3.5',
    edits: [edit('open-file.ts', '    if (!isRight) file.close()\n', '')],
    fails: ['static-files: keeps no file open, whatever became of the request'],
  },
  {
    name: 'dates-with-fractions',
    what: 'compares dates in milliseconds',
    task: '3.5',
    edits: [
      edit(
        'conditional.ts',
        '  const modified = modifiedSecond(validators)\n',
        '  const modified = validators.modifiedMs / 1000\n',
      ),
    ],
    fails: [
      'static-files: answers 304 to a client that has the file already',
      'static-files: answers 412 when the file is not the one that the client means',
      'static-files: looks at preconditions in their order, whatever stands beside them',
      'static-files: looks at each precondition alone',
      'static-files: reads a date in each of its three forms',
      'static-files: looks at the preconditions before the range',
    ],
  },
  {
    name: 'dates-beside-tags',
    what: 'looks at dates although there are tags',
    task: '3.5',
    edits: [
      edit(
        'conditional.ts',
        "return 'failed'\n  } else if (modified >",
        "return 'failed'\n  }\n  if (modified >",
      ),
    ],
    fails: ['static-files: looks at preconditions in their order, whatever stands beside them'],
  },
  {
    name: 'ranges-exclude-the-end',
    what: 'leaves out the last byte of a range',
    task: '3.5',
    edits: [
      edit(
        'ranges.ts',
        "const last = to === '' || BigInt(to) >= size ? size - 1n : BigInt(to)",
        "const last = to === '' || BigInt(to) >= size ? size - 1n : BigInt(to) - (BigInt(to) > first ? 1n : 0n)",
      ),
    ],
    fails: [
      'static-files: sends one range of a file: 206',
      'static-files: sends several ranges as multipart/byteranges',
      'static-files: sends a range only of the file that If-Range names',
      'static-files: sends each single range exactly',
      'static-files: sends several ranges as they were asked for, up to sixteen',
      'static-files: sends the whole file when ranges overlap, or are too many',
      'static-files: sends a range only of exactly the file that If-Range names',
      'static-files: finds the bytes beyond 4 GiB that a range begins with',
      'static-files: sends large ranges byte for byte, wherever they begin and end',
      'static-files: sends large ranges, in one part and in several',
    ],
  },
  {
    name: 'amplifies',
    what: 'serves any number of ranges, however they overlap',
    task: '3.5',
    edits: [
      edit('ranges.ts', 'export const MAX_RANGES = 16', 'export const MAX_RANGES = Infinity'),
      edit(
        'ranges.ts',
        'return overlap(ranges) ? IGNORED :',
        'return overlap(ranges.slice(0, 1)) ? IGNORED :',
      ),
    ],
    fails: ['static-files: sends the whole file when ranges overlap, or are too many'],
  },
  {
    name: 'no-if-range',
    what: 'ignores If-Range',
    task: '3.5',
    edits: [
      edit(
        'conditional.ts',
        "const ifRange = headers.get('if-range')",
        "const ifRange = headers.get('x-if-range')",
      ),
    ],
    fails: [
      'believes no date of a file that may have changed within its second',
      'static-files: sends a range only of the file that If-Range names',
      'static-files: sends a range only of exactly the file that If-Range names',
    ],
  },
  {
    name: 'weak-if-range',
    what: 'compares If-Range weakly',
    task: '3.5',
    edits: [
      edit(
        'conditional.ts',
        'return matchesStrongly(ifRange, validators.entityTag)',
        'return matchesWeakly(ifRange, validators.entityTag)',
      ),
    ],
    fails: ['static-files: sends a range only of exactly the file that If-Range names'],
  },
  {
    name: 'ranges-of-4-gb',
    what: 'counts positions in 32 bits',
    task: '3.5',
    edits: [
      edit(
        'ranges.ts',
        '{ first: length >= size ? 0 : Number(size - length), last: Number(size - 1n) }',
        '{ first: length >= size ? 0 : Number(size - length) >>> 0, last: Number(size - 1n) >>> 0 }',
      ),
    ],
    fails: ['static-files: serves any part of a file of 5 GB'],
  },
  {
    name: 'pads',
    what: 'pads a file that has become shorter',
    task: '3.5',
    edits: [
      edit(
        'file-content.ts',
        "    if (count === 0) throw new Error('The file became shorter while it was sent.')\n",
        '    if (count === 0) return void buffer.fill(0, filled)\n',
      ),
    ],
    fails: [
      'static-files: destroys the connection when a file shrinks while it is sent',
      'static-files: answers nothing more on the connection of a file that shrank',
    ],
  },
  {
    name: 'keeps-files-open',
    what: 'keeps the file of a client that left open',
    task: '3.5',
    edits: [
      edit(
        'file-content.ts',
        '    await this.#ahead?.catch(() => {})\n    this.#file.close()',
        '    if ((await this.#ahead?.catch(() => {})) === undefined) this.#file.close()',
      ),
    ],
    fails: [
      'static-files: sends a large file whole, and keeps no file open for those who leave',
      'static-files: closes every file that a client of a pipeline will never read',
    ],
  },
  {
    name: 'ranges-as-numbers',
    what: 'compares the positions of a range as numbers of 53 bits',
    task: '3.5',
    edits: [
      edit(
        'ranges.ts',
        "if (to !== '' && BigInt(to) < first)",
        "if (to !== '' && Number(to) < Number(first))",
      ),
    ],
    fails: ['ignores what is no range, and a range of anything but a GET'],
  },
  {
    name: 'dates-of-the-same-second',
    what: 'believes the date of a file that was written a moment ago',
    task: '3.5',
    edits: [edit('conditional.ts', ' && ageMs > 1000', ' && ageMs >= 0')],
    fails: ['believes no date of a file that may have changed within its second'],
  },
  {
    name: 'dates-of-the-engine',
    what: 'takes for a date whatever Date.parse takes for one',
    task: '3.5',
    edits: [
      edit(
        'parse-http-date.ts',
        'export function parseHttpDate(text: string): number | undefined {\n',
        'export function parseHttpDate(text: string): number | undefined {\n  const ms = Date.parse(text)\n  if (!Number.isNaN(ms)) return ms / 1000\n',
      ),
    ],
    fails: [
      'reads the dates of every month, and takes none for a date that is not one',
      'reads two digits of a year as the one that is nearest',
      'reads dates as those of GMT, wherever the server stands',
    ],
  },
  {
    name: 'tag-of-date-and-size',
    what: 'gives a file that takes the place of another the same tag, when size and date are the same',
    task: '3.5',
    edits: [
      edit('entity-tag.ts', '{ size, mtimeNs, ino }', '{ size, mtimeNs }'),
      edit('entity-tag.ts', '-${ino.toString(36)}', ''),
    ],
    fails: ['gives a file another entity tag whenever it may have changed'],
  },
  {
    name: 'touching-overlaps',
    what: 'takes ranges that touch for ranges that overlap',
    task: '3.5',
    edits: [
      edit(
        'ranges.ts',
        'first <= (sorted[index - 1]?.last ?? -1)',
        'first <= (sorted[index - 1]?.last ?? -2) + 1',
      ),
    ],
    fails: ['static-files: sends several ranges as they were asked for, up to sixteen'],
  },
  {
    name: 'type-by-name',
    what: 'asks for the type of the whole name, which may be an extension itself',
    task: '3.5',
    edits: [edit('media-type.ts', 'contentType(extension)', 'contentType(name)')],
    fails: ['static-files: tells the type by the extension, in any letter case'],
  },
  // 3.7
  {
    name: 'place-back-with-fin',
    what: 'gives the place of a connection back with its own FIN',
    task: '3.7',
    edits: [
      edit(
        'connection.ts',
        "      .once('close', () => {\n        this.#closed()",
        "      .once('finish', () => onClose())\n      .once('close', () => {\n        this.#closed()",
      ),
    ],
    fails: ['connection-limit: are kept by connections that are being closed'],
  },
  {
    name: 'silence-is-free',
    what: 'gives a connection its place with its first bytes',
    task: '3.7',
    edits: [
      edit(
        'server.ts',
        `  const connection = new Connection(withSharedReads(socket), service)
  connections.admit(connection)
`,
        `  const reading = withSharedReads(socket)
  const connection = new Connection(reading, service)
  reading.once('data', () => connections.admit(connection))
`,
      ),
    ],
    fails: [
      'connection-limit: counts connections that say nothing',
      'connection-limit: are given to no more than fit, when many come at the same moment',
    ],
    mayFail: [
      'connection-limit: is 1000 by default, and a thousand are served at once',
      'connection-limit: serves exactly as many at once as MAX_CONNECTIONS says',
      'connection-limit: come back after hundreds of every way to end',
      'connection-limit: are kept by connections that are being closed',
      'connection-limit: are not given back by those that never had one',
      'connection-limit: come back after each way to end',
      'connection-limit: come back after every timeout',
      'connection-limit: come back after the endings that the server itself chooses, while the clients stay',
      'connection-limit: come back after an answer that the server breaks off',
      'connection-limit: gets its places back, however connections end',
    ],
  },
  {
    name: 'look-then-add',
    what: 'looks for a place, waits for something, and then takes it (from the source text)',
    task: '3.7',
    edits: [
      edit(
        'server.ts',
        '  connections.admit(connection)\n',
        '  setTimeout(() => connections.admit(connection), 10)\n',
      ),
    ],
    fails: ['connection-limit: are given to no more than fit, when many come at the same moment'],
    mayFail: [
      'end also for clients that neither speak nor close',
      'connection-limit: are not felt by a client in the middle of its answer',
      'connection-limit: answers 503 to one connection too many, without being asked, and closes',
      'connection-limit: counts connections that say nothing',
      'connection-limit: gets its places back, however connections end',
      'connection-limit: come back after hundreds of every way to end',
      'connection-limit: come back after each way to end',
      'connection-limit: come back after every timeout',
      'connection-limit: come back after the endings that the server itself chooses, while the clients stay',
      'connection-limit: come back after an answer that the server breaks off',
      'connection-limit: are not given back by those that never had one',
      'connection-limit: are kept by connections that are being closed',
      'connection-limit: is 1000 by default, and a thousand are served at once',
      'connection-limit: lets nobody who is connected notice',
      'connection-limit: serves exactly as many at once as MAX_CONNECTIONS says',
      'connection-limit: gets its answer to a client that is sending already',
      'connection-limit: say what is the matter, whatever is asked',
      'connection-limit: reach a client that sends megabytes before it reads',
    ],
  },
  {
    name: 'gives-back-what-it-had-not',
    what: 'gives a place back when a client that was refused resets',
    task: '3.7',
    edits: [
      edit(
        'server.ts',
        'function accept(',
        'function giveBackOne(connections: ConnectionLimit<Connection>): void {\n  for (const connection of connections) return connections.release(connection)\n}\n\nfunction accept(',
      ),
      edit(
        'server.ts',
        '  if (!connections.hasPlace) return refuse',
        "  if (!connections.hasPlace) socket.once('error', () => giveBackOne(connections))\n  if (!connections.hasPlace) return refuse",
      ),
    ],
    fails: ['connection-limit: are not given back by those that never had one'],
  },
  {
    name: 'resets-leak',
    what: 'gives no place back after a reset',
    task: '3.7',
    edits: [
      edit(
        'connection.ts',
        "      .once('close', () => {\n        this.#closed()\n        onClose()",
        "      .once('close', () => {\n        this.#closed()\n        if (!wasReset) onClose()",
      ),
      ...noticesResets,
    ],
    fails: [
      'connection-limit: gets its places back, however connections end',
      'connection-limit: come back after hundreds of every way to end',
      'connection-limit: come back after each way to end',
    ],
  },
  {
    name: 'keeps-the-places-of-whom-it-cuts',
    what: 'gives no place back of a connection that it destroys itself',
    task: '3.7',
    edits: [
      edit(
        'connection.ts',
        "      .once('close', () => {\n        this.#closed()\n        onClose()",
        "      .once('close', () => {\n        this.#closed()\n        if (this.#hasEnded || wasReset) onClose()",
      ),
      ...noticesResets,
    ],
    fails: [
      'connection-limit: come back after the endings that the server itself chooses, while the clients stay',
      'connection-limit: come back after an answer that the server breaks off',
    ],
  },
  {
    name: 'no-retry-after',
    what: 'refuses without Retry-After',
    task: '3.7',
    edits: [
      edit(
        'connection-limit.ts',
        "{ headers: { 'Retry-After': RETRY_AFTER_SECONDS } }",
        "{ headers: { 'X-Retry-After': RETRY_AFTER_SECONDS } }",
      ),
    ],
    fails: [
      'connection-limit: answers 503 to one connection too many, without being asked, and closes',
      'connection-limit: say what is the matter, whatever is asked',
    ],
  },
  {
    name: 'fault-of-ours',
    what: 'answers 500 for a file when there are no descriptors left',
    task: '3.7',
    edits: [edit('open-file.ts', "new Set(['EMFILE', 'ENFILE'])", "new Set(['NONE'])")],
    fails: ['connection-limit: survives running out of file descriptors while files are asked for'],
  },
  {
    name: 'zero-is-none',
    what: 'takes a limit of 0 for no place at all',
    task: '3.7',
    edits: [
      edit(
        'connection-limit.ts',
        'return this.#most === 0 || this.#open.size < this.#most',
        'return this.#open.size < this.#most',
      ),
    ],
    fails: [
      'connection-limit: belong to connections, and not to a counter',
      'connection-limit: is switched off by 0',
    ],
  },
  {
    name: 'keeps-whom-it-refused',
    what: 'holds a connection that it refused until the client closes',
    task: '3.7',
    edits: [
      edit(
        'connection-limit.ts',
        "  if (isSeenOff) return tearDown(socket, Buffer.from(head + text, 'latin1'))\n  socket.end(head + text, 'latin1', () => socket.destroy())",
        "  socket.resume().end(head + text, 'latin1')",
      ),
    ],
    fails: ['end also for clients that neither speak nor close'],
  },
  {
    name: '304-has-no-bytes',
    what: 'says in a 304 that the content has no bytes',
    task: '3.5',
    edits: [edit('answer-writer.ts', 'status === 204 || status === 304', 'status === 204')],
    fails: ['static-files: says no other length in a 304 than the file has'],
  },
  {
    name: 'goes-on-behind-a-file-that-shrank',
    what: 'ends an answer whose file has become shorter, and sends the next one',
    task: '3.5',
    edits: [edit('answer-writer.ts', '      this.#socket.resetAndDestroy()\n', '')],
    fails: ['static-files: answers nothing more on the connection of a file that shrank'],
  },

  // 3.8
  {
    name: 'groups-digits',
    what: 'writes large numbers with commas between their thousands',
    task: '3.8',
    edits: [
      edit(
        'rate-limit-lines.ts',
        'return thousandsOf((number - rest) / 1_000) + threeDigits[rest]!',
        'return `${thousandsOf((number - rest) / 1_000)},${threeDigits[rest]!}`',
      ),
    ],
    fails: ['writes large numbers as digits and nothing else'],
  },
  {
    name: 'knows-mapped-addresses-by-their-text',
    what: 'takes an address for IPv4-mapped when its text begins with ::ffff:',
    task: '3.8',
    edits: [
      edit('client-address.ts', 'if (isMapped(groups)) {', "if (address.startsWith('::ffff:')) {"),
      edit('client-address.ts', 'function isMapped(', 'export function isMapped('),
    ],
    fails: ['rate-limiter: takes every spelling of an address for the same client'],
  },
  {
    name: 'fixed-window',
    what: 'counts from the beginning of each window',
    task: '3.8',
    edits: [
      edit(
        'rate-limiter.ts',
        'return this.#current[place]! + this.#previous[place]! * (1 - sinceMs / this.#windowMs)',
        'return this.#current[place]! + 0 * this.#previous[place]! * (1 - sinceMs / this.#windowMs)',
      ),
    ],
    fails: [
      'rate-limiter: slides: there is no border at which a client gets twice as much',
      'rate-limiter: has no border, wherever in time a client begins',
      'rate-limiter: lets as many pass as have left the window',
    ],
  },
  {
    name: 'counts-refusals',
    what: 'counts what it refuses',
    task: '3.8',
    edits: [
      edit(
        'rate-limiter.ts',
        '    if (allowed) this.#current[place]!++',
        '    this.#current[place]!++',
      ),
    ],
    fails: [
      'rate-limiter: does not count what it refuses',
      'rate-limiter: tells when one more will pass',
      'rate-limiter: says truly how many more are allowed, and when one more will be',
    ],
  },
  {
    name: 'remembers-everybody',
    what: 'keeps every address for ever (from the source text)',
    task: '3.8',
    edits: [
      edit('rate-limiter.ts', 'maxAddresses = 100_000, now', 'now'),
      edit(
        'rate-limiter.ts',
        '    this.#limit = limit\n',
        '    const maxAddresses = 2_000_000\n    this.#limit = limit\n',
      ),
    ],
    fails: [
      'rate-limiter: forgets the address that was not seen for longest',
      'rate-limiter: keeps at most 100,000 addresses, those that were seen last',
      'rate-limiter: leaves memory flat, however many addresses come',
    ],
  },
  {
    name: 'looks-for-the-oldest',
    what: 'looks at all addresses to find the one that was not seen for longest',
    task: '3.8',
    edits: [
      edit(
        'rate-limiter.ts',
        '    const place = this.#addresses.add(name)\n',
        `    let oldest = now
    if (this.#addresses.size === this.#began.length)
      for (const began of this.#began) oldest = Math.min(oldest, began)
    const place = this.#addresses.add(name)
`,
      ),
    ],
    fails: ['rate-limiter: costs the same, however many addresses are known'],
    // So slow that it is not done in time on a busy machine.
    mayFail: [
      'rate-limiter: keeps at most 100,000 addresses, those that were seen last',
      'rate-limiter: leaves memory flat, however many addresses come',
    ],
  },
  {
    name: 'copies-the-log',
    what: 'copies its log of instants at each request',
    task: '3.8',
    edits: [
      edit(
        'rate-limiter.ts',
        '    const sinceMs = this.#slide(place, now)\n',
        `    const sinceMs = this.#slide(place, now)
    this.#instants = [...this.#instants.filter((at) => now - at < this.#windowMs), now].slice(-this.#limit)
`,
      ),
      edit(
        'rate-limiter.ts',
        '  #elapsedMs = 0\n',
        '  #elapsedMs = 0\n  #instants: number[] = []\n',
      ),
    ],
    fails: ['rate-limiter: costs the same, however high the limit'],
  },
  {
    name: 'keeps-every-instant',
    what: 'keeps a log of instants for each address, and never takes the old ones out',
    task: '3.8',
    edits: [
      edit(
        'rate-limiter.ts',
        '    const sinceMs = this.#slide(place, now)\n',
        '    const sinceMs = this.#slide(place, now)\n    this.#instants[place]?.push(now)\n',
      ),
      edit(
        'rate-limiter.ts',
        '    const place = this.#addresses.add(name)\n',
        '    const place = this.#addresses.add(name)\n    this.#instants[place] = []\n',
      ),
      edit(
        'rate-limiter.ts',
        '  #elapsedMs = 0\n',
        '  #elapsedMs = 0\n  readonly #instants: number[][] = []\n',
      ),
    ],
    fails: ['rate-limiter: leaves memory flat, however long one address keeps coming'],
  },
  {
    name: 'forgets-the-regulars',
    what: 'forgets the address that came first',
    task: '3.8',
    edits: [edit('recent-keys.ts', '    if (place !== this.#newest) {', '    if (place < 0) {')],
    fails: ['rate-limiter: forgets the address that was not seen for longest'],
  },
  {
    name: 'believes-forwarded-for',
    what: 'believes X-Forwarded-For',
    task: '3.8',
    edits: [
      edit('admission.ts', '  { path }: Request,\n', '  { path, headers }: Request,\n'),
      edit(
        'admission.ts',
        '  const { remoteAddress } = client\n',
        "  const remoteAddress = headers.get('x-forwarded-for') ?? client.remoteAddress\n",
      ),
    ],
    fails: [
      'rate-limiter: believes the connection, not X-Forwarded-For',
      'rate-limiter: counts every request that was parsed, whatever it comes to',
    ],
  },
  {
    name: 'health-prefix',
    what: 'exempts every path that begins with /health',
    task: '3.8',
    edits: [edit('admission.ts', "path === '/health'", "path.startsWith('/health')")],
    fails: [
      'rate-limiter: exempts /health, and nothing else',
      'rate-limiter: counts every request that was parsed, whatever it comes to',
    ],
  },
  {
    name: 'exempts-the-target',
    what: 'exempts /health only where no query follows it',
    task: '3.8',
    edits: [edit('admission.ts', '{ path }: Request', '{ target: path }: Request')],
    fails: ['rate-limiter: counts every request that was parsed, whatever it comes to'],
  },
  {
    name: 'reset-in-no-time',
    what: 'says RateLimit-Reset: 0, whenever',
    task: '3.8',
    edits: [
      edit(
        'rate-limiter.ts',
        'resetSeconds: Math.ceil((this.#windowMs - sinceMs) / 1000)',
        'resetSeconds: 0 * sinceMs',
      ),
    ],
    fails: ['rate-limiter: says truly how many more are allowed, and when one more will be'],
  },
  {
    name: 'clock-on-the-wall',
    what: 'believes a clock that goes backwards',
    task: '3.8',
    edits: [
      edit(
        'rate-limiter.ts',
        'if (reading > this.#lastReading) this.#elapsedMs += reading - this.#lastReading',
        'this.#elapsedMs += reading - this.#lastReading',
      ),
    ],
    fails: ['rate-limiter: takes a step of the clock backwards for no time at all'],
  },
  {
    name: 'retry-at-once',
    what: 'says Retry-After: 1, whenever',
    task: '3.8',
    edits: [
      edit(
        'rate-limiter.ts',
        'return Math.floor((waitMs + ROUNDING_MS) / 1000) + 1',
        'return Math.floor((waitMs + ROUNDING_MS) / 1e9) + 1',
      ),
    ],
    fails: [
      'rate-limiter: tells when one more will pass',
      'rate-limiter: says truly how many more are allowed, and when one more will be',
    ],
  },
  {
    name: 'hangs-up-on-429',
    what: 'closes after 429',
    task: '3.8',
    edits: [edit('errors.ts', 'new Set([400, 408', 'new Set([429, 400, 408')],
    fails: [
      'rate-limiter: leaves the connection open after 429',
      'rate-limiter: counts all connections of an address together',
      'rate-limiter: reads and drops the content of what it refused, and goes on',
      'rate-limiter: keeps its promise: after Retry-After one more passes',
    ],
  },
  {
    name: 'goes-on-after-an-expectation',
    what: 'goes on after 429 although the client may or may not send the content that it waits to send',
    task: '3.8',
    edits: [
      edit(
        'connection.ts',
        'if (!isServed && waitsForContinue(request))',
        'if (!isServed && exchange.response?.status !== 429 && waitsForContinue(request))',
      ),
    ],
    fails: ['closes when a client that waits for a 100 is refused'],
  },
  {
    name: 'whole-ipv6',
    what: 'counts each IPv6 address by itself',
    task: '3.8',
    edits: [edit('client-address.ts', '    .slice(0, 4)\n', '')],
    fails: [
      'rate-limiter: takes an IPv4-mapped address for the IPv4 address, and a /64 for one client',
      'rate-limiter: takes every spelling of an address for the same client',
    ],
  },
  {
    name: 'found-ones-only',
    what: 'counts only requests for which there is a route',
    task: '3.8',
    edits: [
      edit(
        'admission.ts',
        '  limitRate(exchange, request, client, service)\n  if (!known',
        '  if (!known',
      ),
      edit(
        'admission.ts',
        '      match.value.check?.(match.params)\n',
        '      limitRate(exchange, request, client, service)\n      match.value.check?.(match.params)\n',
      ),
    ],
    fails: [
      'counts nothing behind a refusal that closes, were that still to wait for its turn',
      'rate-limiter: exempts /health, and nothing else',
      'rate-limiter: counts every request that was parsed, whatever it comes to',
    ],
  },
  {
    name: 'reads-on-behind-close',
    what: 'counts, and runs, what was sent behind a request that asked to close',
    task: '3.8',
    edits: [edit('connection.ts', '    if (exchange.isLast) this.#isClosing = true\n', '')],
    fails: [
      'counts nothing behind a refusal that closes, were that still to wait for its turn',
      'rate-limiter: counts nothing behind a close option',
    ],
  },
  {
    name: 'reads-on-behind-a-refusal',
    what: 'looks at what stands behind a refusal that closes, while that waits for its turn',
    task: '3.8',
    edits: [
      edit(
        'connection.ts',
        '    exchange.isLast = true\n    if (this.#current !== exchange) this.#isClosing = true\n',
        '',
      ),
      edit(
        'connection.ts',
        'if (exchange.isLast || ((this',
        'if (exchange.isLast || closesConnection(response.status) || ((this',
      ),
    ],
    fails: ['counts nothing behind a refusal that closes, were that still to wait for its turn'],
  },
  // 3.9
  {
    name: 'close-with-the-next-answer',
    what: 'says close with the next answer after the signal, whatever waits behind it',
    task: '3.9',
    edits: [edit('connection.ts', '    if (this.#pipeline.length > 1) return false\n', '')],
    fails: ['shutdown: says close with the last of a pipeline whose requests run side by side'],
  },
  {
    name: 'port-stays-open',
    what: 'accepts new clients while it drains',
    task: '3.9',
    edits: [
      edit(
        'shutdown.ts',
        '  server.close()\n',
        '  void connections.emptied().then(() => server.close())\n',
      ),
    ],
    fails: [
      'says close where it refuses what is half received',
      'shutdown: refuses new clients, and answers the request that runs, with the close option',
      'shutdown: ends at once on a second signal, with exit code 1',
      'shutdown: finishes what is half received, byte by byte',
      'shutdown: sends the rest of long answers to slow readers',
      'shutdown: tells who asks for its health that it drains',
      'shutdown: ends at once when SIGINT follows SIGTERM',
      'shutdown: ends at once when SIGTERM follows SIGINT',
    ],
  },
  {
    name: 'counts-backwards',
    what: 'says that fewer than no requests were cut',
    task: '3.9',
    edits: [
      edit(
        'shutdown.ts',
        'requests += connection.requestsInFlight',
        'requests -= connection.requestsInFlight',
      ),
    ],
    fails: [
      'cuts an answer that was made at once, and that nobody takes',
      'shutdown: cuts only what is left, and says how many requests',
      'shutdown: cuts an answer that nobody reads',
      'shutdown: cuts what is left after SHUTDOWN_TIMEOUT_MS, and says how much',
    ],
  },
  {
    name: 'idle-ones-stay',
    what: 'waits for idle connections',
    task: '3.9',
    edits: [
      edit(
        'connection.ts',
        "    if (this.#phase === 'FIN') this.#since = performance.now()\n    this.#settle()",
        "    if (this.#phase !== 'idle') this.#settle()",
      ),
    ],
    fails: [
      'shutdown: closes at once what is idle, and what never said anything',
      'shutdown: sends FIN to a crowd that says nothing',
      'shutdown: sends FIN to idle connections at once, and not when it looks at them next',
      'shutdown: waits at most a second for clients to end their side',
      'shutdown: is not held up by clients that were refused a place',
    ],
  },
  {
    name: 'looks-at-idle-ones-later',
    what: 'closes idle connections when it looks at them next, three seconds later',
    task: '3.9',
    edits: [
      edit(
        'connection.ts',
        "    if (this.#phase === 'FIN') this.#since = performance.now()\n    this.#settle()",
        "    if (this.#phase === 'FIN') this.#since = performance.now()\n    if (this.#phase === 'idle') setTimeout(() => this.#settle(), 3_000)\n    else this.#settle()",
      ),
    ],
    fails: ['shutdown: sends FIN to idle connections at once, and not when it looks at them next'],
  },
  {
    name: 'ends-at-once',
    what: 'cuts what runs, and calls it finished',
    task: '3.9',
    edits: [
      edit(
        'shutdown.ts',
        '  let patience: NodeJS.Timeout | undefined\n',
        '  if (timeoutMs >= 0) return 0\n  let patience: NodeJS.Timeout | undefined\n',
      ),
    ],
    fails: [
      'cuts an answer that was made at once, and that nobody takes',
      'lets a crowd finish its work',
      'says close where it refuses what is half received',
      'shutdown: refuses new clients, and answers the request that runs, with the close option',
      'shutdown: cuts what is left after SHUTDOWN_TIMEOUT_MS, and says how much',
      'shutdown: ends at once on a second signal, with exit code 1',
      'shutdown: answers all of a pipeline, and says close with the last answer',
      'shutdown: finishes what is half received, byte by byte',
      'shutdown: sends the rest of long answers to slow readers',
      'shutdown: lets computation finish that somebody waits for',
      'shutdown: tells who asks for its health that it drains',
      'shutdown: keeps its patience with what is half received, and no more',
      'shutdown: cuts only what is left, and says how many requests',
      'shutdown: cuts an answer that nobody reads',
      'shutdown: ends at once when SIGINT follows SIGTERM',
      'shutdown: ends at once when SIGTERM follows SIGINT',
      'shutdown: says close with the last of a pipeline whose requests run side by side',
    ],
    mayFail: ['shutdown: lets a handler finish'],
  },
  {
    name: 'one-request-is-enough',
    what: 'cuts, when the end is near, whoever has been served before',
    task: '3.9',
    edits: [
      edit(
        'connection.ts',
        '    this.#isDraining = true\n    if',
        '    this.#isDraining = true\n    if (this.#requests > 1) this.destroy()\n    if',
      ),
    ],
    fails: [
      'lets a crowd finish its work',
      'answers all of a pipeline, and says close with the last answer',
      'says close with the last of a pipeline whose requests run side by side',
    ],
  },
  {
    name: 'forgets-what-is-in-the-socket',
    what: 'takes an answer for finished as soon as the socket has it',
    task: '3.9',
    edits: [
      edit(
        'connection.ts',
        'this.#pipeline.length === 0 && this.#socket.writableLength > 0 ? 1 : 0',
        'this.#pipeline.length < 0 ? 1 : 0',
      ),
    ],
    fails: ['cuts an answer that was made at once, and that nobody takes'],
  },
  {
    name: 'waits-for-content-to-say-close',
    what: 'does not say close, as it drains, in a refusal that comes before the content',
    task: '3.9',
    edits: [
      edit(
        'connection.ts',
        "return this.#current === exchange || this.#parser.state === 'idle'",
        "return this.#current !== exchange && this.#parser.state === 'idle'",
      ),
    ],
    fails: ['says close where it refuses what is half received'],
  },
  {
    name: 'no-close-option',
    what: 'does not say close while it drains',
    task: '3.9',
    edits: [
      edit(
        'connection.ts',
        '((this.#isDraining || this.#hasEnded) && this.#hasOnly(exchange))',
        '(this.#hasEnded && this.#hasOnly(exchange))',
      ),
    ],
    fails: [
      'says close where it refuses what is half received',
      'shutdown: refuses new clients, and answers the request that runs, with the close option',
      'shutdown: answers all of a pipeline, and says close with the last answer',
      'shutdown: finishes what is half received, byte by byte',
      'shutdown: tells who asks for its health that it drains',
      'shutdown: says close with the last of a pipeline whose requests run side by side',
    ],
  },
  {
    name: 'force-is-fine',
    what: 'ends with 0 although requests were cut',
    task: '3.9',
    edits: [edit('shutdown.ts', '  return 1\n', '  return 0\n')],
    fails: [
      'cuts an answer that was made at once, and that nobody takes',
      'shutdown: cuts what is left after SHUTDOWN_TIMEOUT_MS, and says how much',
      'shutdown: cuts only what is left, and says how many requests',
      'shutdown: cuts an answer that nobody reads',
    ],
  },
  {
    name: 'cuts-in-silence',
    what: 'does not say how many requests were cut',
    task: '3.9',
    edits: [
      edit(
        'shutdown.ts',
        "log.event('error', `stopped by force: ${requests} requests were cut`, { requests })",
        "log.event('error', 'stopped by force')",
      ),
    ],
    fails: [
      'cuts an answer that was made at once, and that nobody takes',
      'shutdown: cuts what is left after SHUTDOWN_TIMEOUT_MS, and says how much',
      'shutdown: cuts only what is left, and says how many requests',
      'shutdown: cuts an answer that nobody reads',
    ],
  },
  {
    name: 'drops-the-half-received',
    what: 'closes on requests that are half received',
    task: '3.9',
    edits: [
      edit(
        'connection.ts',
        "this.#isClosing || ((this.#hasEnded || this.#isDraining) && this.#parser.state === 'idle')",
        "this.#isClosing || this.#isDraining || (this.#hasEnded && this.#parser.state === 'idle')",
      ),
    ],
    fails: [
      'says close where it refuses what is half received',
      'shutdown: refuses new clients, and answers the request that runs, with the close option',
      'shutdown: cuts what is left after SHUTDOWN_TIMEOUT_MS, and says how much',
      'shutdown: finishes what is half received, byte by byte',
      'shutdown: tells who asks for its health that it drains',
      'shutdown: keeps its patience with what is half received, and no more',
      'shutdown: cuts only what is left, and says how many requests',
    ],
  },
  {
    name: 'lingers',
    what: 'waits as long as ever for clients to end their side',
    task: '3.9',
    edits: [
      edit('connection.ts', 'const DRAINING_LINGER_MS = 750', 'const DRAINING_LINGER_MS = 75_000'),
    ],
    fails: ['shutdown: waits at most a second for clients to end their side'],
  },
  {
    name: 'never-says-draining',
    what: 'is well while it drains',
    task: '3.9',
    edits: [edit('server.ts', '      isDraining = true\n', '      isDraining = false\n')],
    fails: ['shutdown: tells who asks for its health that it drains'],
  },

  // 3.5, large files and the way out
  {
    name: 'absolute-paths',
    what: 'resolves the path from the root on, so that an absolute one leads anywhere',
    task: '3.5',
    edits: [
      edit(
        'static-path.ts',
        "return name !== '' && !name.startsWith('.') && !/[/\\\\]/.test(name)",
        "return !name.startsWith('.')",
      ),
      edit(
        'open-file.ts',
        "import { sep } from 'node:path'",
        "import { resolve, sep } from 'node:path'",
      ),
      edit(
        'open-file.ts',
        'const direct = [root, ...names].join(sep)',
        'const direct = resolve(root, names.join(sep))',
      ),
      edit(
        'trie.ts',
        '|| this.#hasGap(path, start)) return',
        '|| (this.#hasGap(path, start) && start < 0)) return',
      ),
    ],
    fails: [
      'static-files: gives away nothing that lies outside of the root',
      'static-files: answers 404 to a path that is not exactly that of a file',
      'static-files: gives no secret away, however a path is written',
    ],
  },
  {
    name: 'reads-from-the-beginning',
    what: 'reads every piece of a large file from its beginning',
    task: '3.5',
    edits: [
      edit(
        'file-content.ts',
        'await readFully(this.#file.descriptor, buffer, part.first)',
        'await readFully(this.#file.descriptor, buffer, 0)',
      ),
    ],
    fails: [
      'static-files: sends a large file byte for byte to a client that is slow to read',
      'static-files: sends large ranges byte for byte, wherever they begin and end',
      'static-files: destroys the connection when a file shrinks while it is sent',
      'static-files: answers nothing more on the connection of a file that shrank',
      'static-files: sends the file that it opened, or breaks the connection, when its name is removed',
    ],
  },
  {
    name: 'large-files-as-text',
    what: 'sends the pieces of a large file as UTF-8 text',
    task: '3.5',
    edits: [
      edit(
        'file-content.ts',
        'part.first)\n    return buffer',
        'part.first)\n    return Buffer.from(buffer.toString())',
      ),
    ],
    fails: [
      'static-files: sends a large file byte for byte to a client that is slow to read',
      'static-files: sends large ranges byte for byte, wherever they begin and end',
    ],
  },
  {
    name: 'refills-a-buffer-too-early',
    what: 'reads the next piece into the buffer that the socket has not written yet',
    task: '3.5',
    edits: [
      edit(
        'file-content.ts',
        'const buffer = this.#otherBuffer ??',
        'const buffer = this.#buffer ?? this.#otherBuffer ??',
      ),
    ],
    fails: ['static-files: sends a large file byte for byte to a client that is slow to read'],
    // A piece that is written at once has gone before the next one comes.
    mayFail: [
      'static-files: sends large ranges byte for byte, wherever they begin and end',
      'static-files: sends the file that it opened, or breaks the connection, when its name is removed',
    ],
  },
  {
    name: 'first-positions-of-32-bits',
    what: 'keeps the first position of a range in 32 bits',
    task: '3.5',
    edits: [
      edit('ranges.ts', '{ first: Number(first), last', '{ first: Number(first) >>> 0, last'),
    ],
    fails: ['static-files: finds the bytes beyond 4 GiB that a range begins with'],
  },
  {
    name: 'pads-what-was-removed',
    what: 'sends zeros once the file that it sends has no name any more',
    task: '3.5',
    edits: [
      edit(
        'file-content.ts',
        "import { read } from 'node:fs'",
        "import { fstatSync, read } from 'node:fs'",
      ),
      edit(
        'file-content.ts',
        '  for (let filled = 0; filled < buffer.length;) {',
        '  if (fstatSync(descriptor).nlink === 0) return void buffer.fill(0)\n  for (let filled = 0; filled < buffer.length;) {',
      ),
    ],
    fails: [
      'static-files: sends the file that it opened, or breaks the connection, when its name is removed',
    ],
  },
]
