/**
 * Collects anomaly maps with their masks and sorts all pixels, exactly and without binning.
 *
 * At most two bytes are kept per pixel outside defects, fewer where there are many, and eight per defect pixel
 * (its score as a sortable key, with the region it belongs to), which sorting needs again as scratch. Exact
 * metrics need all scores; for sets that do not fit see `histogram.ts`.
 */
import { AssayError } from '@assay/contract'
import { labelComponents } from '../region/index.ts'
import { ChunkedKeys } from './chunked-keys.ts'
import { KeyCounter } from './key-counter.ts'
import { rankTogether, type PixelRanking, type SortedPixels } from './pixel-ranking.ts'
import { keyOfBits, radixSort } from './radix-sort.ts'

export interface PixelAccumulator {
  /**
   * Takes in one image. `map` and `mask` are `[h, w]` at the original image's size; non-zero mask values
   * are defect; `mask` null is a good image. Leave out defect images that have no mask. A map that holds
   * NaN or an infinity is refused with `name` and the place.
   */
  add(map: Float32Array, mask: Uint8Array | null, width: number, height: number, name?: string): void
  /** Ends the collection and sorts; the same ranking is given back when asked again. */
  rank(): PixelRanking
  /** As `rank`, but as the sorted lists that `rankTogether` takes. */
  sort(): SortedPixels
}

/** An empty accumulator for the images of one product. */
export function createPixelAccumulator(): PixelAccumulator {
  return new Accumulator()
}

class Accumulator implements PixelAccumulator {
  readonly #outside = new KeyCounter()
  readonly #inside = new ChunkedKeys()
  readonly #insideRegion = new ChunkedKeys()
  /** Pixels of each region. */
  readonly #areas: number[] = []
  #images = 0
  #sorted: SortedPixels | undefined
  #ranking: PixelRanking | undefined

  add(
    map: Float32Array,
    mask: Uint8Array | null,
    width: number,
    height: number,
    name = `image ${this.#images}`,
  ): void {
    if (this.#sorted !== undefined) throw new Error('internal: a map was added after ranking')
    if (map.length !== width * height) {
      throw new Error(`internal: a map of ${map.length} pixels is not ${width} x ${height}`)
    }
    if (mask !== null && mask.length !== map.length) {
      throw new Error(`internal: a map of ${map.length} pixels has a mask of ${mask.length}`)
    }
    const bits = new Uint32Array(map.buffer, map.byteOffset, map.length)
    refuseNotFinite(bits, map, width, name)
    this.#images++
    const rows = mask === null ? null : findRows(mask, width)
    if (mask === null || rows === null) {
      this.#outside.countAll(bits)
      return
    }
    const [first, end] = [rows.top * width, rows.bottom * width]
    this.#outside.countAll(bits.subarray(0, first))
    this.#addRows(bits.subarray(first, end), mask.subarray(first, end), width, rows.bottom - rows.top)
    this.#outside.countAll(bits.subarray(end))
  }

  #addRows(bits: Uint32Array, mask: Uint8Array, width: number, height: number): void {
    const { labels, count } = labelComponents(mask, width, height)
    const firstRegion = this.#areas.length
    for (let region = 0; region < count; region++) this.#areas.push(0)
    // Traverses runs of pixels outside and inside by turns.
    for (let i = 0; i < bits.length;) {
      const start = i
      while (labels[i] === 0) i++
      this.#outside.countAll(bits.subarray(start, i))
      for (; i < bits.length && labels[i] !== 0; i++) {
        const region = firstRegion + labels[i]! - 1
        this.#areas[region] = this.#areas[region]! + 1
        this.#inside.push(keyOfBits(bits[i]!))
        this.#insideRegion.push(region)
      }
    }
  }

  rank(): PixelRanking {
    this.#ranking ??= rankTogether([this.sort()])
    return this.#ranking
  }

  sort(): SortedPixels {
    this.#sorted ??= this.#sortAll()
    return this.#sorted
  }

  #sortAll(): SortedPixels {
    const outside = this.#outside.finish()
    const { keys: inside, payload } = radixSort(this.#inside.take(), this.#insideRegion.take())
    if (payload === undefined) throw new Error('internal: defect pixels lost their regions')
    return { outside, inside, regionOf: payload, share: Float64Array.from(this.#areas, (area) => 1 / area) }
  }
}

/** The rows from the first to past the last that hold a defect pixel, or null if none does. */
function findRows(mask: Uint8Array, width: number): { top: number; bottom: number } | null {
  let first = 0
  while (first < mask.length && mask[first] === 0) first++
  if (first === mask.length) return null
  let last = mask.length - 1
  while (mask[last] === 0) last--
  return { top: Math.floor(first / width), bottom: Math.floor(last / width) + 1 }
}

function refuseNotFinite(bits: Uint32Array, map: Float32Array, width: number, name: string): void {
  for (let i = 0; i < bits.length; i++) {
    if ((bits[i]! & 0x7f800000) === 0x7f800000) {
      const what = `${name} at pixel (${i % width}, ${Math.floor(i / width)})`
      throw new AssayError('SCORE_NOT_FINITE', { what, value: String(map[i]) })
    }
  }
}
