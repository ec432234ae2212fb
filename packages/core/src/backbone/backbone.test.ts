import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

import { expect, test } from 'vitest'

import { openBackbone, openEmbeddedBackbone } from './backbone.ts'
import { backbones, findBackbone } from './catalogue.ts'

test.each(backbones)(
  '$card.id has the file, size, licence and origin of its card',
  async ({ card, weights }) => {
    const bytes = readFileSync(weights)
    expect(bytes.length).toBe(card.sizes.fileBytes)
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(card.sha256)
    const { weights: tensors } = await openEmbeddedBackbone(card.id)
    const count = [...tensors.values()].reduce((sum, { data }) => sum + data.length, 0)
    expect(count).toBe(card.sizes.parameters)
    expect(card.licence).toBe('Apache-2.0')
    expect(bytes.toString('latin1')).toContain(card.origin)
    const notice = readFileSync(new URL(weights.href.replace('.safetensors', '.NOTICE.txt')), 'utf8')
    expect(notice).toContain(card.sha256)
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

test('weights that are not the ones of the card are refused', async () => {
  const entry = findBackbone('efficientnet-lite0')
  const other = { ...entry, weights: findBackbone('efficientnet-lite2').weights }
  await expect(openBackbone(other)).rejects.toMatchObject({ code: 'WEIGHTS_UNREADABLE' })
  await expect(openBackbone(other)).rejects.toThrow(`instead of ${entry.card.sha256}`)
  const missing = { ...entry, weights: new URL('none.safetensors', entry.weights) }
  await expect(openBackbone(missing)).rejects.toThrow('no such file')
})
