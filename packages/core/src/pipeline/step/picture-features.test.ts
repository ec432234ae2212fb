import { expect, test } from 'vitest'
import { findMethod } from '../../method/catalogue.ts'
import type { FitInput } from '../../method/method.ts'
import { testDevice } from '../../testing/device.ts'
import { drain } from '../../testing/drain.ts'
import { testRecipe } from '../../testing/recipe.ts'
import { createTestCheckpoints, createToy } from '../../testing/toy-store.ts'
import { fitOnPictures, type PictureFit } from './picture-features.ts'

const grid = { height: 3, width: 4 }
const rows = grid.height * grid.width
const dimension = 16
const method = findMethod('robis')

function createFit(images: number) {
  const toy = createToy({ images: [images], grid, dimension })
  const input: Omit<FitInput, 'store'> = {
    products: toy.products,
    damaged: [],
    recipe: testRecipe({
      method: 'robis',
      features: { pooling: 'tokens', groups: 2 },
      inpFormer: { headWidth: 4, blocks: 2, steps: 6, batch: 3, tokensPerImage: 0, warmupSteps: 2 },
    }),
    device: testDevice,
    checkpoints: createTestCheckpoints(),
  }
  const asked: string[] = []
  const extract: PictureFit['extract'] = (image, step, place) => {
    asked.push(`${step}.${place}`)
    const out = new Float32Array(rows * dimension)
    toy.store.read(image, null, out)
    return Promise.resolve(out)
  }
  return { toy, input, asked, pictures: { method, input, dimension, rows, extract } }
}

test('pictures that always look the same teach what stored features teach', async () => {
  const { toy, input, asked, pictures } = createFit(7)
  using kept = toy
  const stored = await drain(
    method.fit({ ...input, store: kept.store, checkpoints: createTestCheckpoints() }),
  )
  const live = await drain(fitOnPictures(pictures))
  expect(live.events).toEqual(stored.events)
  expect(live.result).toEqual(stored.result)
  // Every picture of every step is made anew.
  expect(asked).toEqual(Array.from({ length: 18 }, (_, i) => `${Math.floor(i / 3)}.${i % 3}`))
})

test('with fewer pictures than a batch has places each is made once per step', async () => {
  const { toy, asked, pictures } = createFit(2)
  using _ = toy
  await drain(fitOnPictures(pictures))
  expect(asked).toHaveLength(6 * 2)
})

test('a picture that cannot be made ends the training with its own error', async () => {
  const { toy, pictures } = createFit(4)
  using _ = toy
  const failing = { ...pictures }
  let calls = 0
  failing.extract = (...place) =>
    ++calls > 4 ? Promise.reject(new Error('gone')) : pictures.extract(...place)
  await expect(drain(fitOnPictures(failing))).rejects.toThrow('gone')
})
