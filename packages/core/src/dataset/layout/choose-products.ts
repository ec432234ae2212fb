/** The products that were asked for, or all. */
import { AssayError, suggest } from '@assay/contract'

/** Those of `known` that are wanted; one that is not known is refused with the nearest name. */
export function chooseProducts<T extends { readonly name: string }>(
  known: readonly T[],
  wanted: readonly string[] | undefined,
): readonly T[] {
  if (wanted === undefined) return known
  const names = known.map((product) => product.name)
  for (const product of wanted) {
    if (!names.includes(product)) {
      throw new AssayError('PRODUCT_UNKNOWN', {
        product,
        known: names,
        suggestion: suggest(product, names),
      })
    }
  }
  return known.filter((product) => wanted.includes(product.name))
}
