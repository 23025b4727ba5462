/**
 * Given. The load tester from the command line:
 * `npx node levels/level2/load.ts http://127.0.0.1:8080/work --connections 100 --seconds 5 [--rate 500]`
 */
import { parseArgs } from 'node:util'
import { type LoadOptions, type LoadResult, runLoad } from './load-tester.ts'

const usage =
  'usage: load.ts <url> [--connections N] [--seconds N] [--requests N] [--rate N] [--timeout MS] [--method GET] [--expect STATUS] [--json]'

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      connections: { type: 'string' },
      seconds: { type: 'string' },
      requests: { type: 'string' },
      rate: { type: 'string' },
      timeout: { type: 'string' },
      expect: { type: 'string' },
      method: { type: 'string' },
      json: { type: 'boolean' },
    },
  })
  const [url, ...others] = positionals
  if (url === undefined || others.length > 0) throw new TypeError('One URL is needed.')
  const given = {
    url,
    connections: number(values.connections),
    seconds: number(values.seconds) ?? (values.requests === undefined ? 5 : undefined),
    requests: number(values.requests),
    rate: number(values.rate),
    timeoutMs: number(values.timeout),
    expectedStatus: number(values.expect),
    method: values.method,
  }
  // What was not given is left out, not passed on as undefined.
  const options = JSON.parse(JSON.stringify(given)) as LoadOptions
  const result = await runLoad(options)
  process.stdout.write(values.json ? `${JSON.stringify(result)}\n` : inWords(result))
} catch (error) {
  if (!(error instanceof TypeError)) throw error
  process.stderr.write(`${error.message}\n${usage}\n`)
  process.exitCode = 2
}

function number(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^[0-9]+(\.[0-9]+)?$/.test(text)) throw new TypeError(`"${text}" is not a number.`)
  return Number(text)
}

function inWords({ requests, errors, seconds, requestsPerSecond, latencyMs }: LoadResult): string {
  const failed = Object.entries(errors).filter(([, count]) => count > 0)
  const { p50, p90, p99, max } = latencyMs
  return `${[
    `${requests} requests in ${seconds.toFixed(2)} s, ${requestsPerSecond.toFixed(1)} answered a second`,
    `errors: ${failed.map(([kind, count]) => `${count} ${kind}`).join(', ') || 'none'}`,
    `latency in ms: p50 ${p50.toFixed(2)}  p90 ${p90.toFixed(2)}  p99 ${p99.toFixed(2)}  max ${max.toFixed(2)}`,
  ].join('\n')}\n`
}
