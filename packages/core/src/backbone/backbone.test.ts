import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

import { expect, test } from 'vitest'

import { openBackbone } from './backbone.ts'
import { backbones, findBackbone } from './catalogue.ts'
import type { BackboneEntry } from './entry.ts'

const embedded = backbones.flatMap((entry) => ('embedded' in entry.weights ? [entry.weights.embedded] : []))

function weightsOf({ weights }: BackboneEntry) {
  if ('published' in weights) throw new Error('not an embedded backbone')
  return weights
}

test.each(['efficientnet-lite0', 'efficientnet-lite2'])(
  '%s has the file, licence and origin that it declares',
  async (id) => {
    const entry = findBackbone(id)
    const { embedded, origin, licence, sha256 } = weightsOf(entry)
    const bytes = readFileSync(embedded)
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256)
    expect(bytes.toString('latin1')).toContain(origin)
    const notice = readFileSync(new URL(embedded.href.replace('.safetensors', '.NOTICE.txt')), 'utf8')
    expect(notice).toContain(sha256)
    const backbone = await openBackbone(
      id,
      entry.card.taps.map(({ name }) => name),
    )
    expect(backbone.origin).toEqual({ origin, licence: 'Apache-2.0', sha256 })
    expect(licence).toBe('Apache-2.0')
    const shapes = [...backbone.weights].map(([name, { shape }]) => [name, shape])
    expect(shapes).toEqual([...entry.tensors])
  },
)

test('the package holds the weights of its smallest backbones', () => {
  expect(embedded.map((url) => url.pathname.split('/').at(-1))).toEqual([
    'efficientnet-lite0.safetensors',
    'efficientnet-lite2.safetensors',
  ])
})

test.each(backbones)(
  '$card.id takes taps by default that it has, and its strides never decrease',
  ({ card }) => {
    const names = card.taps.map(({ name }) => name)
    expect(card.defaultTaps.length).toBeGreaterThan(0)
    for (const tap of [...card.defaultTaps, ...card.tokenTaps]) expect(names).toContain(tap)
    expect(card.tokenTaps.length % 2).toBe(0)
    const strides = card.taps.map(({ stride }) => stride)
    expect(strides).toEqual(strides.toSorted((a, b) => a - b))
  },
)

test('an unknown backbone is answered with the nearest one and the list', () => {
  expect(() => findBackbone('efficientnet-lite')).toThrow('There is no backbone "efficientnet-lite".')
  try {
    findBackbone('eficientnet-lite0')
  } catch (error) {
    expect(error).toMatchObject({ code: 'BACKBONE_UNKNOWN', params: { suggestion: 'efficientnet-lite0' } })
  }
})

test('an unknown tap is refused before the weights are read', async () => {
  await expect(openBackbone('efficientnet-lite0', ['stage7'])).rejects.toMatchObject({ code: 'TAP_UNKNOWN' })
})

test('weights that are not the ones declared are refused', async () => {
  const entry = findBackbone('efficientnet-lite0')
  const own = weightsOf(entry)
  const id = entry.card.id
  const other = {
    ...entry,
    weights: { ...own, embedded: weightsOf(findBackbone('efficientnet-lite2')).embedded },
  }
  const refused = openBackbone(id, ['stage3'], [other])
  await expect(refused).rejects.toMatchObject({ code: 'WEIGHTS_UNREADABLE' })
  await expect(refused).rejects.toThrow(`instead of ${own.sha256}`)
  const missing = { ...entry, weights: { ...own, embedded: new URL('none.safetensors', own.embedded) } }
  await expect(openBackbone(id, ['stage3'], [missing])).rejects.toThrow('no such file')
})
