/** Open loop: requests start on schedule. A server that falls behind is not waited for, as no crowd would. */
import { Agent, request as httpRequest } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import type { PlannedRequest } from '../requests.ts'
import type { Job, LoadReport } from './job.ts'
import { Tally } from './tally.ts'

/** What a client waits for before it leaves. Later answers are worth nothing to it. */
const PATIENCE_MS = 1000

export async function onSchedule(job: Job): Promise<LoadReport> {
  const { connections, requests, rate = 1, seconds } = job
  const tally = new Tally(job)
  const agent = new Agent({ keepAlive: true, maxSockets: connections, scheduling: 'fifo' })
  const start = performance.now()
  const total = Math.floor(rate * seconds)
  const open = new Set<Promise<void>>()
  for (let number = 0; number < total;) {
    // All whose time has come since we last looked: a timer is late by a millisecond or more.
    const due = Math.min(total, Math.floor(((performance.now() - start) / 1000) * rate) + 1)
    for (; number < due; number++) {
      const planned = requests[number % requests.length]
      if (planned === undefined) continue
      const intended = start + (number / rate) * 1000
      const asked = ask(job, agent, planned, intended, tally).finally(() => open.delete(asked))
      open.add(asked)
    }
    await delay(1)
  }
  await Promise.race([Promise.all(open), delay(PATIENCE_MS)])
  const report = tally.report()
  agent.destroy()
  return { ...report, seconds }
}

/** One request: it ends when it is answered, refused, or given up. */
function ask(
  { address: { host, port } }: Job,
  agent: Agent,
  planned: PlannedRequest,
  intended: number,
  tally: Tally,
): Promise<void> {
  const { method, target, content } = planned
  return new Promise((resolve) => {
    const patience = AbortSignal.timeout(PATIENCE_MS)
    const sent = httpRequest(
      { host, port, method, path: target, agent, signal: patience },
      (response) => {
        let received = ''
        response.setEncoding('latin1')
        response.on('data', (text: string) => (received += text))
        response.on('error', () => resolve())
        response.on('end', () => {
          const latencyMs = performance.now() - intended
          if (response.statusCode === 503) tally.refusal()
          else if (latencyMs > PATIENCE_MS) tally.error('answered too late')
          else tally.answer(planned, response.statusCode ?? 0, received, latencyMs)
          resolve()
        })
      },
    )
    sent.on('error', (error) => {
      tally.error(patience.aborted ? 'no answer within a second' : error.message)
      resolve()
    })
    sent.end(content)
  })
}
