import type { MethodName } from '@assay/contract'
import { expect, test } from 'vitest'
import { evaluateImages } from '../../metric/index.ts'
import { createRandom } from '../../random.ts'
import { decide, type ScoredCandidate } from './decide.ts'

/** Scores of so many pictures, damaged ones higher by `gap` deviations of the good ones. */
function candidate(
  method: MethodName,
  gap: number,
  options: { seed?: number; pictures?: number } = {},
): ScoredCandidate {
  const { seed = 1, pictures = 20 } = options
  const random = createRandom(seed, 'candidate')
  const draw = (): number[] => Array.from({ length: pictures }, () => random.normal())
  const damaged = [0, 1, 2].map(() => draw().map((v) => v + gap))
  return { method, products: [{ good: draw(), damaged, aupro30: 0.8, aupro05: 0.5 }] }
}

test('a method that finds clearly more is taken, whatever is preferred otherwise', () => {
  const { method, reason, ranked } = decide([candidate('patchcore', 0.5), candidate('robis', 3)], 0)
  expect(method).toBe('robis')
  expect(reason).not.toContain('patchcore')
  expect(ranked.map((r) => [r.method, r.isTied])).toEqual([
    ['robis', true],
    ['patchcore', false],
  ])
})

test('what could be chance is a tie, and the simpler method is taken', () => {
  const slight = candidate('robis', 1.02)
  const { method, reason, ranked } = decide(
    [slight, candidate('cras', 1, { seed: 2 }), candidate('patchcore', 1)],
    0,
  )
  expect(ranked[0]?.method).not.toBe(method)
  expect(method).toBe('patchcore')
  expect(reason).toContain('robis')
})

test('two methods with the same scores tie even in a single order', () => {
  for (const order of [['robis', 'cras'] as const, ['cras', 'robis'] as const])
    expect(
      decide(
        order.map((m) => candidate(m, 1)),
        0,
      ).method,
    ).toBe('cras')
})

test('a lead on few pictures counts for less than the same lead on many', () => {
  const tied = (pictures: number): boolean | undefined =>
    decide([candidate('patchcore', 1, { pictures }), candidate('robis', 1.5, { pictures, seed: 4 })], 0)
      .ranked[1]?.isTied
  expect([tied(4), tied(80)]).toEqual([true, false])
})

test('the figure is the image AUROC of each kind of damage, averaged', () => {
  const own = candidate('cras', 0.7)
  const [product] = own.products
  const each = (product?.damaged ?? []).map((scores) => {
    const good = product?.good ?? []
    return evaluateImages([...good, ...scores], [...good.map(() => false), ...scores.map(() => true)])
      .imageAuroc
  })
  const mean = each.reduce<number>((sum, v) => sum + (v ?? NaN), 0) / each.length
  expect(decide([own], 0).ranked[0]?.imageAuroc).toBeCloseTo(mean, 12)
})

test('products count alike, however many pictures they have', () => {
  const many = candidate('cras', 0, { pictures: 60 })
  const few = candidate('cras', 9, { pictures: 6 })
  const both = { method: 'cras', products: [...many.products, ...few.products] } as const
  const auroc = (c: ScoredCandidate): number => decide([c], 0).ranked[0]?.imageAuroc ?? NaN
  expect(auroc(both)).toBeCloseTo((auroc(many) + auroc(few)) / 2, 12)
})
