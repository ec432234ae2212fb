/** What the candidates of a group give on held-out good pictures and on the same pictures damaged. */
import type { MethodName } from '@assay/contract'
import { createPixelAccumulator, evaluatePixels } from '../../metric/index.ts'
import { createRandom } from '../../random.ts'
import { damageKinds, damageOnce } from '../../synthesise/damage-kind.ts'
import type { ComparedProduct } from './inputs.ts'
import type { GroupJudge } from './judge.ts'

/** One method on the held-out pictures of one product. */
export interface ProductScores {
  /** One image score per picture. */
  readonly good: readonly number[]
  /** For each kind of damage, the scores of the same pictures damaged, in their order. */
  readonly damaged: readonly (readonly number[])[]
  readonly aupro30: number | null
  readonly aupro05: number | null
}

/** Mask values above this are damaged pixels. */
const damagedFrom = 0.5

/** Pictures that are judged. */
export function countJudged(products: readonly ComparedProduct[]): number {
  return products.reduce((sum, p) => sum + p.heldOut.length, 0) * (1 + damageKinds.length)
}

/** Yields after each picture; gives the scores of each method, product by product. */
export async function* scoreGroup(
  judge: GroupJudge,
  methods: readonly MethodName[],
  products: readonly ComparedProduct[],
  seed: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<void, ReadonlyMap<MethodName, readonly ProductScores[]>> {
  const results = new Map<MethodName, ProductScores[]>(methods.map((method) => [method, []]))
  for (const [p, { heldOut }] of products.entries()) {
    const own = new Map(
      methods.map((method) => [
        method,
        {
          good: [] as number[],
          damaged: damageKinds.map((): number[] => []),
          pixels: createPixelAccumulator(),
        },
      ]),
    )
    for (const [i, input] of heldOut.entries()) {
      const { width, height } = input
      signal?.throwIfAborted()
      for (const { method, score, map } of await judge.judge(input, p)) {
        own.get(method)?.good.push(score)
        own.get(method)?.pixels.add(map, null, width, height)
      }
      yield
      for (const [k, kind] of damageKinds.entries()) {
        signal?.throwIfAborted()
        const random = createRandom(seed, 'choose-damage', p, i, kind)
        const { pixels, mask } = damageOnce(input.pixels, width, height, kind, random)
        const truth = Uint8Array.from(mask, (share) => (share > damagedFrom ? 1 : 0))
        for (const { method, score, map } of await judge.judge({ width, height, pixels }, p)) {
          own.get(method)?.damaged[k]?.push(score)
          own.get(method)?.pixels.add(map, truth, width, height)
        }
        yield
      }
    }
    for (const [method, { good, damaged, pixels }] of own) {
      const { aupro30, aupro05 } = evaluatePixels(pixels.rank())
      results.get(method)?.push({ good, damaged, aupro30, aupro05 })
    }
  }
  return results
}
