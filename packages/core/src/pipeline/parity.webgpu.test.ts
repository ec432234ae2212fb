import { existsSync } from 'node:fs'
import { AssayError } from '@assay/contract'
import { expect, test } from 'vitest'
import { chooseDevice, type Device } from '../runtime/index.ts'
import { drawPicture } from '../testing/picture.ts'
import { cardOf, tinyModelBytes, tinySize, trainTinyModel } from '../testing/tiny-model.ts'
import { holdsParity, openComparison } from './parity.ts'

/** Chromium's software adapter on Debian, for machines without a GPU; it needs the package libvulkan1. */
const software = '/usr/lib/chromium/vk_swiftshader_icd.json'
if (existsSync(software)) process.env['VK_ICD_FILENAMES'] ??= software

/** Null where there is no adapter, neither a GPU nor SwiftShader. */
async function findWebGpu(): Promise<Device | null> {
  try {
    return await chooseDevice({ device: 'webgpu', threads: 1 })
  } catch (error) {
    if (error instanceof AssayError && error.code === 'DEVICE_UNAVAILABLE') return null
    throw error
  }
}

test('WebGPU gives the scores, maps and masks of the CPU', { timeout: 120_000 }, async (context) => {
  const device = await findWebGpu()
  context.skip(device === null, 'no WebGPU here: install a GPU driver, or chromium and libvulkan1')
  if (device === null) return
  const parts = await trainTinyModel()
  const card = cardOf(parts)
  // Low thresholds for pixels, so that masks are not empty.
  const products = card.products.map((p) => ({ ...p, pixel: { threshold: 0.5, scale: 0.1 } }))
  const model = tinyModelBytes(parts, { ...card, products })
  await using comparison = await openComparison(model, [device], {})
  await comparison.add(drawPicture({ ...tinySize, seed: 50 }), 'picture')
  const [row] = comparison.finish()
  if (row === undefined) throw new Error('internal: nothing was compared')
  expect(row, JSON.stringify(row)).toMatchObject({ provider: 'webgpu', images: 2, misrouted: 0 })
  expect(holdsParity(row), JSON.stringify(row)).toBe(true)
})
