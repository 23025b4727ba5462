import type { Server } from '../../harness/server.ts'
import { field, type Response } from '../../harness/wire/response.ts'

/** Checks that a refusal is JSON with its code, its status and a sentence, and tells nothing of the program. */
export function isErrorContent(
  server: Pick<Server, 'fails'>,
  response: Response,
  code: string | undefined,
  why = 'every refusal has the same content: {"error":{"code","status","message"}}',
): void {
  const type = field(response, 'Content-Type') ?? 'no Content-Type'
  const text = response.content.toString()
  if (!/^application\/json *(;|$)/i.test(type)) {
    throw server.fails({ expected: 'Content-Type: application/json', received: type, why })
  }
  const error = errorOf(text)
  const { status } = response
  const isRight =
    error?.['status'] === status &&
    typeof error['code'] === 'string' &&
    (code === undefined || error['code'] === code) &&
    typeof error['message'] === 'string' &&
    error['message'] !== ''
  if (!isRight) {
    throw server.fails({
      expected: `{"error":{"code":"${code ?? '…'}","status":${status},"message":"…"}}`,
      received: text.slice(0, 300),
      why,
    })
  }
  if (!/\n\s*at |\\n\s*at |\.[jt]s\b|node:|on purpose/.test(text)) return
  throw server.fails({
    expected: 'nothing of the program in the answer',
    received: text.slice(0, 300),
    why: 'a stack or a path tells an attacker what runs here',
  })
}

function errorOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value = JSON.parse(text) as { readonly error?: Readonly<Record<string, unknown>> }
    return value.error
  } catch {
    return undefined
  }
}
