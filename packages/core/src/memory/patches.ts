/** Random patches of a product's training pictures, drawn so that rows on disk are read forwards. */
import type { Random } from '../random.ts'
import type { FeatureStore } from '../feature/store.ts'

export interface DrawnPatches {
  readonly count: number
  /** `[count, dimension]` */
  readonly rows: Float32Array
  /** Picture that each row comes from. */
  readonly owners: Uint32Array
}

/** At most `count` different patches of the given images, in the order of storage. */
export function drawPatches(
  store: FeatureStore,
  images: readonly number[],
  count: number,
  random: Random,
): DrawnPatches {
  const starts: number[] = []
  let available = 0
  for (const image of images) {
    starts.push(available)
    available += store.rowsOf(image)
  }
  const wanted = Math.min(count, available)
  const drawn = random.sample(available, wanted).sort()
  const rows = new Float32Array(wanted * store.dimension)
  const owners = new Uint32Array(wanted)
  let next = 0
  for (const [i, image] of images.entries()) {
    const start = starts[i] ?? 0
    const end = start + store.rowsOf(image)
    const first = next
    while (next < wanted && (drawn[next] ?? 0) < end) next++
    if (next === first) continue
    const local = drawn.slice(first, next).map((row) => row - start)
    store.read(image, local, rows, first * store.dimension)
    owners.fill(store.pictureOf(image), first, next)
  }
  return { count: wanted, rows, owners }
}
