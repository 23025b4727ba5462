/** Given. The thread that computes Fibonacci numbers: a number in, its value out. */
import { parentPort } from 'node:worker_threads'

parentPort?.on('message', (n: number) => parentPort?.postMessage(fibonacci(n)))

/** Slow on purpose: the naive recursion stands for any computation that holds a thread. */
function fibonacci(n: number): number {
  return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2)
}
