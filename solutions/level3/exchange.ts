import type { Params, Request, Response } from '../level2/http.ts'
import type { Route } from '../level2/app.ts'
import type { Turn } from './pipeline.ts'

/** Methods that only ask (RFC 9110 §9.2.1). */
const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])

const NO_PARAMS: Params = Object.freeze({})

/** One request and its answer. Everything that is known about one request is here, and nowhere else. */
export class Exchange implements Turn {
  /** `undefined` when a fault was found before there was a request. */
  readonly request: Request | undefined
  /** What is known of the request line, also without a request. */
  readonly line: Pick<Request, 'method' | 'target'> | undefined
  readonly isSafe: boolean
  readonly startedAt: number
  state: Turn['state'] = 'reading'

  route: Route | undefined
  params: Params = NO_PARAMS
  response: Response | undefined
  /** What the handler threw, if that is our fault. */
  thrown: unknown
  /** Field lines that the answer carries besides its own, each with its line end: those of the rate limit. */
  fieldLines = ''
  /** The client waits for a 100 before it sends its content. */
  expectsContinue = false
  /** That 100 has to wait until the answers before it are sent. */
  owesContinue = false
  /** The connection closes after the answer. */
  isLast = false
  /** The content is being made while it is sent. */
  isSending = false
  /** One line a request. */
  isLogged = false
  /** Bytes of content handed to the socket. */
  contentBytes = 0

  constructor(request: Request | undefined, startedAt: number, line: Exchange['line'] = request) {
    this.request = request
    this.line = line
    this.isSafe = request === undefined || safeMethods.has(request.method)
    this.startedAt = startedAt
  }

  answer(response: Response): void {
    this.response = response
    this.state = 'answered'
  }
}
