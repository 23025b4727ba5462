/** Correct servers of level 1 that use the freedom which RFCs and assignment leave. No case may accuse them. */
import type { Edit, Edited } from '../../kit/edited.ts'

export interface CorrectServer extends Edited {
  /** Why its answers are right, for a learner whose case says otherwise. */
  readonly allowed: string
}

function edit(file: string, find: string, replace: string): Edit {
  return { file: `level1/${file}`, find, replace }
}

export const correctServers: readonly CorrectServer[] = [
  {
    name: 'reference',
    what: 'the reference',
    allowed:
      'the assignment asks for this answer, or leaves it open: find the sentence that your case stands on',
    edits: [],
  },
  {
    name: 'other-choices',
    what: 'takes the other choice wherever there is one',
    allowed:
      'free are the words of a refusal and the reason phrase (task 1.2), the order of Allow and the answer to a bad escape in a path (task 1.4), content of a refused request line (task 1.2), 400 or 505 for a written-out HTTP/0.9, 400 or 501 for CONNECT with * and for a last coding that is not chunked (task 1.5), which schemes are served, an authority without a host (task 1.1), and characters that no path may have',
    edits: [
      edit('response.ts', "reasonPhrases[status] ?? ''", "status === 200 ? 'Fine' : ''"),
      edit(
        'response.ts',
        'return text(error.message, error.status',
        'return text(`${error.code}?`, error.status',
      ),
      edit('routes.ts', "    .join(', ')", "    .reverse()\n    .join(',')"),
      edit(
        'routes.ts',
        '} catch {\n    return path',
        "} catch {\n    throw new RequestError('INVALID_TARGET')",
      ),
      edit(
        'request-line.ts',
        "if (major !== '1') throw",
        "if (major === '0') throw new RequestError('INVALID_REQUEST_LINE')\n  if (major !== '1') throw",
      ),
      edit(
        'request-line.ts',
        "target.includes('#'))",
        "target.includes('#') || !/^[\\w.~!$&'()*+,;=:@/%[\\]-]*(?:\\?|$)/.test(target))",
      ),
      edit(
        'request-line.ts',
        "if (method === 'CONNECT')",
        "if (method === 'CONNECT' && target !== '*')",
      ),
      edit(
        'request-line.ts',
        '/^[a-z][a-z0-9+.-]*:\\/\\/(?<authority>[^/?]+)',
        '/^https?:\\/\\/(?<authority>[^/?]*)',
      ),
      edit(
        'request-line.ts',
        "if (authority === '' || authority.startsWith(':') || !isHost(authority)) {",
        'if (absolute === undefined || !isHost(authority)) {',
      ),
      edit(
        'header-section.ts',
        "  if (headers.has('transfer-encoding'))",
        "  const codings = headers.get('transfer-encoding')?.join()\n  if (codings !== undefined && !/(?:^|,)[ \\t]*chunked[ \\t]*$/i.test(codings))\n    throw new RequestError('INVALID_CONTENT_LENGTH')\n  if (headers.has('transfer-encoding'))",
      ),
    ],
  },
  {
    name: 'other-fields',
    what: 'writes its fields otherwise, and more of them',
    allowed:
      'fields come in any order, their names in any letter case, and an answer may carry more of them than the assignment names (RFC 9110 §5.1, §5.3)',
    edits: [
      edit(
        'response.ts',
        "    `Date: ${new Date().toUTCString()}`,\n    ...Object.entries(fields).map(([name, value]) => `${name}: ${value}`),\n    `Content-Length: ${content.length}`,\n    'Connection: close',\n",
        "    'connection:close',\n    'server: loadbearing',\n    'cache-control: no-store',\n    ...Object.entries(fields).map(([name, value]) => `${name.toLowerCase()}:  ${value}`),\n    `content-length:${content.length}`,\n    `date: ${new Date().toUTCString()}`,\n",
      ),
    ],
  },
  {
    name: 'piece-by-piece',
    what: 'writes its answer in pieces',
    allowed: 'an answer may come in any number of reads (RFC 9112 §2.2)',
    edits: [
      edit(
        'tear-down.ts',
        'else socket.end(lastBytes)',
        "else {\n    socket.setNoDelay(true)\n    const cuts = [0, 5, 17, lastBytes.indexOf('\\r\\n\\r\\n') + 2, lastBytes.length - 1, lastBytes.length]\n    let next = 1\n    const write = () => {\n      const piece = lastBytes.subarray(cuts[next - 1], cuts[next])\n      if (++next === cuts.length) socket.end(piece)\n      else socket.write(piece, () => setImmediate(write))\n    }\n    write()\n  }",
      ),
    ],
  },
]
