/** A record that nobody measured: for whoever draws, shows or reads one. The figures are made up, and fit together. */
import { BenchRecord, type Round, type ServerFigures } from '../../bench/record.ts'

/** A submission of level 3 that meets its rate, keeps a little of each request, and is too close to call in one. */
export function exampleRecord(): BenchRecord {
  return BenchRecord.parse({
    format: 'loadbearing-bench',
    version: 1,
    level: 3,
    title: 'Production',
    submission: 'levels',
    startedAt: '2026-11-25T20:00:00.000Z',
    durationMs: 21_400,
    complete: true,
    quick: false,
    seed: 7,
    machine: {
      system: 'linux 6.1 x64',
      processor: 'Example 2000',
      cores: 4,
      memoryBytes: 8_000_000_000,
      node: '24.21.0',
      loadAverage: 0.4,
    },
    sandbox: 'default (limits, Node permissions)',
    load: {
      generator: 'autocannon 9.0.0',
      verification: 'Status, length and content of every response were checked.',
      placement: 'Server on cores 0-1, load on cores 2-3.',
    },
    confidence: 0.99,
    scenarios: [
      {
        id: 'work',
        title: '10 clients ask for /work at the same moment',
        connections: 10,
        pipelining: 1,
        submission: { ...figures([], 31), timeline: staircase(103) },
        reference: { ...figures([], 30), timeline: wall(104) },
        void: null,
      },
      {
        id: 'throughput',
        title: '/ with 100 persistent connections',
        connections: 100,
        pipelining: 1,
        submission: {
          ...figures([15_800, 16_400, 16_100, 15_900], 34),
          growth: {
            requestsPerRound: 100_000,
            anonymousBytes: [34e6, 41e6, 52e6, 62e6, 72.1e6, 82.2e6],
            bytesPerRequest: 101,
            verdict: 'grows',
          },
        },
        reference: {
          ...figures([24_900, 25_300, 25_100, 24_600], 31),
          growth: {
            requestsPerRound: 100_000,
            anonymousBytes: [31e6, 35e6, 36e6, 36.2e6, 36.1e6, 36.3e6],
            bytesPerRequest: 1,
            verdict: 'flat',
          },
        },
        void: null,
      },
      {
        id: 'overload',
        title: '/fib offered at 0.5, 1 and 2 times the capacity',
        connections: 500,
        pipelining: 1,
        submission: {
          ...figures([], 34),
          offered: [0.5, 1, 2].map((timesCapacity) => ({
            timesCapacity,
            offeredPerSecond: 600 * timesCapacity,
            goodputPerSecond: [298, 571, 470][Math.round(timesCapacity)] ?? 470,
            refusedPerSecond: timesCapacity === 2 ? 690 : 0,
            failedPerSecond: timesCapacity === 2 ? 40 : 2,
            latencyMs: latencies(8 * timesCapacity),
          })),
        },
        reference: null,
        void: null,
      },
      {
        id: 'static-large',
        title: 'files of 10 MB, 20 connections',
        connections: 20,
        pipelining: 1,
        submission: null,
        reference: figures([90, 92], 33),
        void: {
          code: 'wrong-answers',
          message: '12 of 180 answers had another length than the file.',
        },
      },
    ],
    targets: [
      {
        id: 'throughput',
        scenario: 'throughput',
        title: '/ with 100 persistent connections',
        unit: 'req/s',
        direction: 'at least',
        absolute: 10_000,
        share: 0.5,
        points: 5,
        value: { median: 16_000, low: 15_800, high: 16_400 },
        reference: { median: 25_000, low: 24_600, high: 25_300 },
        shareReached: { median: 0.64, low: 0.63, high: 0.65 },
        verdict: 'met',
        reason: '16,000 req/s are more than 10,000.',
      },
      {
        id: 'growth',
        scenario: 'throughput',
        title: 'memory kept of a request',
        unit: 'bytes a request',
        direction: 'at most',
        absolute: 50,
        share: null,
        points: 2,
        value: { median: 101, low: 100, high: 102 },
        reference: { median: 1, low: -2, high: 3 },
        shareReached: null,
        verdict: 'missed',
        reason: 'Memory grew by 101 bytes a request and did not stop.',
      },
      {
        id: 'overload',
        scenario: 'overload',
        title: 'answered in time at twice its capacity, of its peak',
        unit: '%',
        direction: 'at least',
        absolute: 80,
        share: null,
        points: 2,
        value: { median: 80, low: 76, high: 84 },
        reference: null,
        shareReached: null,
        verdict: 'too close to call',
        reason: 'After 6 rounds 80 % still lies between 76 % and 84 %.',
      },
      {
        id: 'largeFile',
        scenario: 'static-large',
        title: 'files of 10 MB',
        unit: 'MB/s',
        direction: 'at least',
        absolute: null,
        share: 0.5,
        points: 2,
        value: null,
        reference: { median: 910, low: 900, high: 920 },
        shareReached: null,
        verdict: 'missed',
        reason: 'No figures: 12 of 180 answers had another length than the file.',
      },
      {
        id: 'thousand',
        scenario: 'thousand',
        title: 'connections served at once, of 1,000',
        unit: 'connections',
        direction: 'at least',
        absolute: 1000,
        share: null,
        points: 3,
        value: null,
        reference: null,
        shareReached: null,
        verdict: 'not measured',
        reason: 'The run was interrupted before this scenario.',
      },
    ],
    afterTheLoad: [],
    points: { earned: 10, possible: 14, counts: true, reason: 'The tests stand at 92 %.' },
    void: null,
    notes: [
      'The load generator was the limit in 1 of 4 scenarios: there the servers may be faster.',
    ],
  })
}

function figures(rates: readonly number[], idleMegabytes: number): ServerFigures {
  const rounds = rates.map((rate, index) => round(rate, index * 2, idleMegabytes))
  const measured = rounds.length > 0
  return {
    startUpMs: 36,
    rounds,
    latencyMs: measured ? latencies(100_000 / (rates[0] ?? 1)) : null,
    idleAnonymousBytes: idleMegabytes * 1e6,
    peakAnonymousBytes: measured ? (idleMegabytes + 9) * 1e6 : null,
    peakResidentBytes: measured ? (idleMegabytes + 54) * 1e6 : null,
    growth: null,
    timeline: null,
    offered: null,
  }
}

function round(requestsPerSecond: number, order: number, idleMegabytes: number): Round {
  return {
    order,
    seconds: 1,
    requests: requestsPerSecond,
    requestsPerSecond,
    connectionsServed: 100,
    contentBytesPerSecond: requestsPerSecond * 13,
    latencyMs: latencies(100_000 / requestsPerSecond),
    errors: 0,
    wrong: 0,
    cpuMicrosecondsPerRequest: 900_000 / requestsPerSecond,
    anonymousBytes: (idleMegabytes + 6 + order / 2) * 1e6,
    residentBytes: (idleMegabytes + 51 + order / 2) * 1e6,
    generatorShare: 0.97,
  }
}

function latencies(p50: number) {
  const quantiles = [0, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.995, 0.999, 1].map(
    (q): [number, number] => [q, p50 * (0.6 + 0.8 * q ** 2 + (q > 0.98 ? 1.4 : 0))],
  )
  const at = (q: number) => quantiles.find(([place]) => place === q)?.[1] ?? p50
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99), p999: at(0.999), max: at(1), quantiles }
}

function staircase(stepMs: number) {
  return Array.from({ length: 10 }, (_, index) => ({ from: 0, to: (index + 1) * stepMs }))
}

function wall(ms: number) {
  return Array.from({ length: 10 }, (_, index) => ({ from: 0, to: ms + index / 4 }))
}
