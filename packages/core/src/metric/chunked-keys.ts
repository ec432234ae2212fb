/**
 * A list of sort keys that grows by whole chunks, so that growing never copies and wastes at most 4 MB.
 */
const smallestChunk = 1 << 12
const largestChunk = 1 << 20

export class ChunkedKeys {
  #chunks: Uint32Array[] = []
  #last = new Uint32Array(0)
  #used = 0
  /** Keys in the chunks before the last. */
  #before = 0

  push(key: number): void {
    if (this.#used === this.#last.length) this.#grow()
    this.#last[this.#used++] = key
  }

  /** All keys in one array; the list is empty afterwards. */
  take(): Uint32Array {
    const all = new Uint32Array(this.#before + this.#used)
    let place = 0
    for (let c = 0; c < this.#chunks.length; c++) {
      const chunk = this.#chunks[c]!
      all.set(chunk === this.#last ? chunk.subarray(0, this.#used) : chunk, place)
      place += chunk.length
      // Lets go of each chunk at once, so that the copy does not need twice the memory.
      this.#chunks[c] = new Uint32Array(0)
    }
    this.#chunks = []
    this.#last = new Uint32Array(0)
    this.#used = 0
    this.#before = 0
    return all
  }

  #grow(): void {
    this.#before += this.#used
    this.#last = new Uint32Array(Math.min(largestChunk, Math.max(smallestChunk, this.#before)))
    this.#chunks.push(this.#last)
    this.#used = 0
  }
}
