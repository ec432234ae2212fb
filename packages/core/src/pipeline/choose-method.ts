/** Which method `auto` takes, and why. */
import type { MethodName } from '@assay/contract'

export type MethodChoice = MethodName | 'auto'

export function chooseMethod(
  asked: MethodChoice,
  dataset: { readonly products: readonly unknown[] },
): { method: MethodName; reason: string } {
  if (asked !== 'auto') return { method: asked, reason: 'asked for' }
  return {
    method: 'cras',
    reason: `best mean image AUROC on our benchmark sets (docs/results.md), for ${dataset.products.length === 1 ? 'one product' : 'several products'}`,
  }
}
