/**
 * Collects anomaly maps with their masks and ranks all pixels of a product, exactly and without binning.
 *
 * Four bytes are kept per pixel outside defects (its score as a sortable key) and eight per defect pixel
 * (with the region it belongs to); ranking sorts once and needs the same again as scratch. 54 million
 * pixels take about 0.5 GB. Every metric then walks the two sorted lists side by side.
 */
import { AssayError } from '@assay/contract'
import { labelComponents } from '../region/index.ts'
import { bitsOfKey, keyOfBits, radixSort } from './radix-sort.ts'
import type { Ranking } from './ranking.ts'

export interface PixelRanking extends Ranking {
  /** 8-connected regions of all masks together. */
  readonly regions: number
  /**
   * As for any ranking; `overlap` is the sum over all regions of the share of the region that scores at
   * least as high, so overlap / regions is PRO.
   */
  walk(visit: (truePositives: number, falsePositives: number, score: number, overlap: number) => void): void
}

export interface PixelAccumulator {
  /**
   * Takes in one image. `map` and `mask` are `[h, w]` at the original image's size; non-zero mask values
   * are defect; `mask` null is a good image. Leave out defect images that have no mask. A map that holds
   * NaN or an infinity is refused with `name` and the place.
   */
  add(map: Float32Array, mask: Uint8Array | null, width: number, height: number, name?: string): void
  /** Ends the collection and sorts; the same ranking is given back when asked again. */
  rank(): PixelRanking
}

/** An empty accumulator for the images of one product. */
export function createPixelAccumulator(): PixelAccumulator {
  return new Accumulator()
}

class Accumulator implements PixelAccumulator {
  readonly #outside = new ChunkedKeys()
  readonly #inside = new ChunkedKeys()
  readonly #insideRegion = new ChunkedKeys()
  /** Pixels of each region. */
  readonly #areas: number[] = []
  #images = 0
  #ranking: PixelRanking | undefined

  add(
    map: Float32Array,
    mask: Uint8Array | null,
    width: number,
    height: number,
    name = `image ${this.#images}`,
  ): void {
    if (this.#ranking !== undefined) throw new Error('internal: a map was added after ranking')
    if (map.length !== width * height) {
      throw new Error(`internal: a map of ${map.length} pixels is not ${width} x ${height}`)
    }
    if (mask !== null && mask.length !== map.length) {
      throw new Error(`internal: a map of ${map.length} pixels has a mask of ${mask.length}`)
    }
    const bits = new Uint32Array(map.buffer, map.byteOffset, map.length)
    refuseNotFinite(bits, map, width, name)
    this.#images++
    const components = mask === null ? null : labelComponents(mask, width, height)
    if (components === null || components.count === 0) {
      this.#outside.pushAll(bits)
      return
    }
    const { labels, count } = components
    const firstRegion = this.#areas.length
    for (let region = 0; region < count; region++) this.#areas.push(0)
    for (let i = 0; i < bits.length; i++) {
      const key = keyOfBits(bits[i]!)
      if (labels[i] === 0) {
        this.#outside.push(key)
      } else {
        const region = firstRegion + labels[i]! - 1
        this.#areas[region] = this.#areas[region]! + 1
        this.#inside.push(key)
        this.#insideRegion.push(region)
      }
    }
  }

  rank(): PixelRanking {
    this.#ranking ??= this.#sort()
    return this.#ranking
  }

  #sort(): PixelRanking {
    const outside = radixSort(this.#outside.take()).keys
    const { keys: inside, payload } = radixSort(this.#inside.take(), this.#insideRegion.take())
    if (payload === undefined) throw new Error('internal: defect pixels lost their regions')
    const share = Float64Array.from(this.#areas, (area) => 1 / area)
    return {
      positives: inside.length,
      negatives: outside.length,
      regions: share.length,
      walk(visit) {
        const bits = new Uint32Array(1)
        const score = new Float32Array(bits.buffer)
        let overlap = 0
        let fp = 0
        let tp = 0
        // Traverses both lists by rising key, which is falling score.
        while (fp < outside.length || tp < inside.length) {
          const key =
            tp >= inside.length || (fp < outside.length && outside[fp]! < inside[tp]!)
              ? outside[fp]!
              : inside[tp]!
          while (fp < outside.length && outside[fp] === key) fp++
          while (tp < inside.length && inside[tp] === key) overlap += share[payload[tp++]!]!
          bits[0] = bitsOfKey(key)
          visit(tp, fp, score[0]!, overlap)
        }
      },
    }
  }
}

function refuseNotFinite(bits: Uint32Array, map: Float32Array, width: number, name: string): void {
  for (let i = 0; i < bits.length; i++) {
    if ((bits[i]! & 0x7f800000) === 0x7f800000) {
      const what = `${name} at pixel (${i % width}, ${Math.floor(i / width)})`
      throw new AssayError('SCORE_NOT_FINITE', { what, value: String(map[i]) })
    }
  }
}

const chunkLength = 1 << 20

/** A list of keys that grows by whole chunks, so that growing never copies and wastes at most 4 MB. */
class ChunkedKeys {
  #chunks: Uint32Array[] = []
  #used = chunkLength

  push(key: number): void {
    if (this.#used === chunkLength) {
      this.#chunks.push(new Uint32Array(chunkLength))
      this.#used = 0
    }
    this.#chunks[this.#chunks.length - 1]![this.#used++] = key
  }

  /** Appends the key of every float32 given as bits. */
  pushAll(bits: Uint32Array): void {
    for (let i = 0; i < bits.length;) {
      if (this.#used === chunkLength) {
        this.#chunks.push(new Uint32Array(chunkLength))
        this.#used = 0
      }
      const chunk = this.#chunks[this.#chunks.length - 1]!
      const end = Math.min(bits.length, i + chunkLength - this.#used)
      let place = this.#used
      while (i < end) chunk[place++] = keyOfBits(bits[i++]!)
      this.#used = place
    }
  }

  /** All keys in one array; the list is empty afterwards. */
  take(): Uint32Array {
    const last = this.#chunks.length - 1
    const all = new Uint32Array(last < 0 ? 0 : last * chunkLength + this.#used)
    for (let c = 0; c <= last; c++) {
      const chunk = this.#chunks[c]!
      all.set(c === last ? chunk.subarray(0, this.#used) : chunk, c * chunkLength)
      // Lets go of each chunk at once, so that the copy does not need twice the memory.
      this.#chunks[c] = new Uint32Array(0)
    }
    this.#chunks = []
    this.#used = chunkLength
    return all
  }
}
