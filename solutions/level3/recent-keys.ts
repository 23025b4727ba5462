/** Gives keys a numbered place each, for as long as they are used more recently than others. */
export class RecentKeys {
  readonly #places = new Map<string, number>()
  readonly #keys: string[] = []
  // The places in the order of their use: a list through two arrays costs no object a key.
  readonly #older: Int32Array
  readonly #newer: Int32Array
  #newest = NONE
  #oldest = NONE

  constructor(capacity: number) {
    this.#older = new Int32Array(capacity)
    this.#newer = new Int32Array(capacity)
  }

  /** How many keys have a place. */
  get size(): number {
    return this.#places.size
  }

  /** The place of `key`, from 0 to one less than the capacity, or -1; using it makes it the newest. */
  use(key: string): number {
    const place = this.#places.get(key)
    if (place === undefined) return NONE
    if (place !== this.#newest) {
      this.#unlink(place)
      this.#linkAsNewest(place)
    }
    return place
  }

  /** Gives `key` a place, the one of the key that was not used for longest when all are taken. */
  add(key: string): number {
    const place = this.#places.size < this.#older.length ? this.#places.size : this.#evict()
    this.#keys[place] = key
    this.#places.set(key, place)
    this.#linkAsNewest(place)
    return place
  }

  #evict(): number {
    const place = this.#oldest
    this.#unlink(place)
    this.#places.delete(this.#keys[place] ?? '')
    return place
  }

  #linkAsNewest(place: number): void {
    this.#older[place] = this.#newest
    this.#newer[place] = NONE
    if (this.#newest !== NONE) this.#newer[this.#newest] = place
    else this.#oldest = place
    this.#newest = place
  }

  #unlink(place: number): void {
    const older = this.#older[place] ?? NONE
    const newer = this.#newer[place] ?? NONE
    if (older !== NONE) this.#newer[older] = newer
    else this.#oldest = newer
    if (newer !== NONE) this.#older[newer] = older
    else this.#newest = older
  }
}

const NONE = -1
