/**
 * One clock for everybody: a hashed timing wheel, driven by a single interval that runs only while something waits.
 *
 * An alarm never rings early. It rings one turn of the event loop late on purpose: what the kernel already holds for
 * us when the loop was held is read before anybody's patience is called exhausted.
 */
const TICK_MS = 40
const SLOTS = 256

export interface Alarm {
  /** Rings after `ms` from now; 0 means never. Whatever was set before is forgotten. */
  set(ms: number): void
  clear(): void
}

class Entry implements Alarm {
  deadline = 0
  slot = -1
  readonly ring: () => void

  constructor(ring: () => void) {
    this.ring = ring
  }

  set(ms: number): void {
    if (ms <= 0) {
      this.clear()
      return
    }
    this.deadline = performance.now() + ms
    // An entry that moves later stays where it is, and is moved when its slot comes.
    if (this.slot >= 0) {
      const place = slotOf(this.deadline)
      if (place === this.slot) return
      wheel[this.slot]?.delete(this)
      this.slot = -1
      waiting -= 1
    }
    insert(this)
  }

  clear(): void {
    if (this.slot < 0) return
    wheel[this.slot]?.delete(this)
    this.slot = -1
    waiting -= 1
    if (waiting === 0) stop()
  }
}

const wheel: Set<Entry>[] = Array.from({ length: SLOTS }, () => new Set<Entry>())
let waiting = 0
let interval: NodeJS.Timeout | undefined
/** The last tick whose slot was emptied. */
let turned = 0
let before = 0

function slotOf(deadline: number): number {
  return Math.ceil(deadline / TICK_MS) % SLOTS
}

function insert(entry: Entry): void {
  entry.slot = slotOf(entry.deadline)
  wheel[entry.slot]?.add(entry)
  waiting += 1
  if (interval === undefined) {
    before = performance.now()
    turned = Math.floor(before / TICK_MS)
    interval = setInterval(turn, TICK_MS)
  }
}

function stop(): void {
  clearInterval(interval)
  interval = undefined
}

function turn(): void {
  // Only what was due when the loop last turned: since then, sockets have been read once.
  const due = before
  before = performance.now()
  const last = Math.floor(due / TICK_MS)
  const first = Math.max(turned + 1, last - SLOTS + 1)
  for (let tick = first; tick <= last; tick += 1) {
    const slot = wheel[tick % SLOTS] as Set<Entry>
    for (const entry of [...slot]) {
      if (entry.slot < 0 || entry.deadline > due) continue
      slot.delete(entry)
      entry.slot = -1
      waiting -= 1
      entry.ring()
    }
  }
  if (last > turned) turned = last
  if (waiting === 0) stop()
}

export function alarm(ring: () => void): Alarm {
  return new Entry(ring)
}
