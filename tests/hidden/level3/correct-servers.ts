/** Correct servers of level 3 that use the freedom which RFCs and assignment leave. No case may accuse them. */
import type { CorrectServer } from '../../kit/bug-hunt.ts'
import type { Edit } from '../../kit/edited.ts'

function edit(file: string, find: string, replace: string): Edit {
  return { file: `level3/${file}`, find, replace }
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
      'free are the messages of refusals (task 3.6), the order of Allow (3.4), the entity tags, a folder without index.html asked for without its slash (3.5), the number in Retry-After (3.7), and fields that the assignment does not name',
    edits: [
      edit(
        'errors.ts',
        'JSON.stringify({ error: { code, status, message } })',
        'JSON.stringify({ error: { message: `${message}!`, status, code } }, null, 1)',
      ),
      edit(
        'admission.ts',
        "throw new RequestError('METHOD_NOT_ALLOWED', { headers: { Allow: match.allow.join(', ') } })",
        "throw new RequestError('METHOD_NOT_ALLOWED', {\n        headers: { Allow: match.allow.toReversed().join(',') },\n      })",
      ),
      edit('entity-tag.ts', 'return `"${size', 'return `"v,${size'),
      edit(
        'static-files.ts',
        '    return redirectToFolder(request)',
        "    openBelow(folder, [...names, 'index.html']).close()\n    return redirectToFolder(request)",
      ),
    ],
  },
  {
    name: 'other-fields',
    what: 'writes its fields otherwise, and more of them',
    allowed:
      'fields come in any order, their names in any letter case, and an answer may carry more of them than the assignment names (RFC 9110 §5.1, §5.3); a persistent connection may be confirmed with keep-alive',
    edits: [
      edit(
        'response-head.ts',
        'Date: ${httpDate()}\\r\\n${fieldLines(fields)}`',
        'server: loadbearing\\r\\n${fieldLines(fields).replace(/^[^:]+/gm, (name) => name.toLowerCase())}date:${httpDate()}\\r\\n`',
      ),
      edit(
        'response-head.ts',
        'if (connection !== undefined) head += `Connection: ${connection}\\r\\n`',
        "head += `CONNECTION: ${connection ?? 'keep-alive'}\\r\\n`",
      ),
    ],
  },
  {
    name: 'one-after-the-other',
    what: 'writes each answer by itself, in pieces, and runs one request at a time',
    allowed: 'an answer may come in any number of reads, chunks may be of any size (task 3.2)',
    edits: [
      edit(
        'lines.ts',
        'yield Buffer.from(`line ${line}\\n`)',
        "for (const piece of ['line ', `${line}`, '\\n']) yield Buffer.from(piece)",
      ),
      edit(
        'pipeline.ts',
        'last.isSafe && this.length < this.#options.most',
        'last.isSafe && this.length < Math.min(1, this.#options.most)',
      ),
    ],
  },
]
