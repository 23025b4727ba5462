import type { Route } from '../level2/app.ts'
import { RequestError } from '../level2/errors.ts'
import { knownMethods } from '../level2/http.ts'
import type { Client, Request } from '../level2/http.ts'
import type { Exchange } from './exchange.ts'
import { expectsContinue } from './expectation.ts'
import { rateLimitFields } from './rate-limiter.ts'
import { rateLimitLines } from './rate-limit-lines.ts'
import type { Service } from './service.ts'

/**
 * Decides, by its head alone, what will serve a request.
 *
 * @throws {RequestError} 429, 501, 404, 405, 400 of the path or its parameters, 417: in this order
 */
export function admit(
  exchange: Exchange,
  request: Request,
  client: Client,
  service: Service,
): void {
  limitRate(exchange, request, client, service)
  if (!knownMethods.has(request.method)) throw new RequestError('UNKNOWN_METHOD')

  const match = service.router.find(request.method, request.path)
  switch (match.kind) {
    case 'not-found':
      throw new RequestError('NOT_FOUND')
    case 'method-not-allowed':
      // A 405 must say what is allowed (RFC 9110 §15.5.6, §10.2.1).
      throw new RequestError('METHOD_NOT_ALLOWED', { headers: { Allow: match.allow.join(', ') } })
    case 'options':
      exchange.expectsContinue = expectsContinue(request)
      exchange.route = optionsRoute(match.allow.join(', '))
      return
    case 'found':
      match.value.check?.(match.params)
      exchange.expectsContinue = expectsContinue(request)
      exchange.route = match.value
      exchange.params = match.params
  }
}

/** What a path is served by is all that is told (RFC 9110 §9.3.7): a 204, which has no Content-Length (§8.6). */
function optionsRoute(allow: string): Route {
  const handler = () => ({ status: 204, headers: { Allow: allow } })
  return { method: 'OPTIONS', pattern: '*', handler }
}

/** Exactly `/health` is exempt: whoever watches a server must not be told to come back later. */
function limitRate(
  exchange: Exchange,
  { path }: Request,
  client: Client,
  { rateLimiter }: Service,
): void {
  const { remoteAddress } = client
  if (rateLimiter === undefined || path === '/health' || remoteAddress === undefined) return

  const verdict = rateLimiter.take(remoteAddress)
  if (!verdict.allowed) {
    throw new RequestError('TOO_MANY_REQUESTS', { headers: rateLimitFields(verdict) })
  }
  exchange.fieldLines = rateLimitLines(verdict)
}
