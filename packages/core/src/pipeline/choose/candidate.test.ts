import { methodNames } from '@assay/contract'
import { expect, test } from 'vitest'
import { groupCandidates, listCandidates } from './candidate.ts'
import { preferred } from './decide.ts'

test('every method there is can be preferred', () => {
  expect([...preferred].sort()).toEqual([...methodNames].sort())
})

test('all methods are compared in the fast profile, whatever profile was asked for', () => {
  const { candidates, leftOut } = listCandidates({ profile: 'accurate', recipe: { profile: 'accurate' } }, 1)
  expect(candidates.map((c) => c.method)).toEqual(methodNames)
  expect(leftOut).toEqual([])
  for (const { recipe } of candidates) expect([recipe.profile, recipe.input.scales]).toEqual(['fast', [1]])
})

test('methods on the same features are trained on one extraction', () => {
  const groups = groupCandidates(listCandidates({}, 1).candidates).map((g) => g.map((c) => c.method))
  expect(groups).toEqual([['cras', 'patchcore', 'padim'], ['robis']])
})

test('a method that cannot do what the recipe asks is left out with the reason', () => {
  const { candidates, leftOut } = listCandidates({ recipe: { features: { pooling: 'mean' } } }, 1)
  expect(candidates.map((c) => c.method)).not.toContain('robis')
  expect(leftOut).toEqual([{ method: 'robis', reason: expect.stringContaining('tokens') as string }])
})

test('a recipe that no method can follow is refused as in a training', () => {
  expect(() => listCandidates({ backbone: 'efficientnet-lite9' }, 1)).toThrowError(
    expect.objectContaining({ code: 'BACKBONE_UNKNOWN' }),
  )
})
