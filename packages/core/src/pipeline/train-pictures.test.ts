import { readFile } from 'node:fs/promises'
import { beforeAll, expect, test } from 'vitest'
import type { PartialRecipe } from '@assay/contract'
import { drain } from '../testing/drain.ts'
import { createTestFolder } from '../testing/folder.ts'
import { toPng, writePictures } from '../testing/picture-folder.ts'
import { drawPicture } from '../testing/picture.ts'
import { openModel } from './inspect.ts'
import type { NamedPicture } from './picture-source.ts'
import { trainPictures } from './train-pictures.ts'
import { trainModel } from './train.ts'

const recipe: PartialRecipe = {
  input: { pixels: 9216 },
  features: { backbone: 'efficientnet-lite0' },
  memory: { size: 60, candidates: 2000 },
}

const names = ['0.png', '1.png', '2.png', '3.png', '4.png']
const draw = (seed: number) => drawPicture({ width: 96, height: 96, seed, noise: 4 })
let pictures: NamedPicture[]
beforeAll(async () => {
  pictures = await Promise.all(names.map(async (name, i) => ({ name, bytes: await toPng(draw(i)) })))
})

test('pictures in memory give the bytes that the same pictures in a folder give', async () => {
  await using folder = await createTestFolder()
  await writePictures(folder, Object.fromEntries(names.map((name, i) => [`part/${name}`, draw(i)])))
  const options = { method: 'patchcore', threads: 1, recipe } as const
  const { events } = await drain(
    trainModel({ data: folder.at('part'), out: folder.at('model.onnx'), ...options }),
  )
  const held = await drain(trainPictures({ products: [{ name: 'part', pictures }], ...options }))
  expect(Buffer.compare(held.result.bytes, await readFile(folder.at('model.onnx')))).toBe(0)
  const stages = (all: readonly { readonly type: string; readonly stage?: string }[]): string[] => [
    ...new Set(all.flatMap((e) => (e.type === 'stage' && e.stage !== undefined ? [e.stage] : []))),
  ]
  expect(stages(held.events)).toEqual(stages(events).filter((stage) => stage !== 'write'))
})

test('a picture that cannot be read is named and left out, and the rest is learned from', async () => {
  const broken = { name: 'note.png', bytes: new TextEncoder().encode('the camera was switched off') }
  const { events, result } = await drain(
    trainPictures({
      products: [{ name: 'part', pictures: [...pictures, broken] }],
      method: 'patchcore',
      threads: 1,
      recipe,
    }),
  )
  expect(events.filter((e) => e.type === 'image-error')).toMatchObject([
    { image: 'note.png', code: 'IMAGE_UNREADABLE', message: expect.stringContaining('note.png') },
  ])
  await using model = await openModel(result.bytes, { threads: 1 })
  expect(model.card.data.images).toBe(4)
})

test('two pictures of one name are refused, as is nothing to learn from', async () => {
  const [first] = pictures
  if (first === undefined) throw new Error('no picture')
  await expect(
    drain(trainPictures({ products: [{ name: 'part', pictures: [first, first] }] })),
  ).rejects.toMatchObject({ code: 'OPTION_INVALID', params: { value: '0.png' } })
  await expect(drain(trainPictures({ products: [{ name: 'part', pictures: [] }] }))).rejects.toMatchObject({
    code: 'DATA_NO_GOOD_IMAGES',
  })
  await expect(
    drain(trainPictures({ products: [{ name: 'part', pictures: [first] }] })),
  ).rejects.toMatchObject({ code: 'DATA_TOO_FEW_IMAGES', params: { product: 'part', found: 1 } })
})

test('padim learns from pictures in memory too, and finds a mark where it is', async () => {
  const products = [{ name: 'part', pictures }]
  const { result } = await drain(trainPictures({ products, method: 'padim', threads: 1, recipe }))
  await using model = await openModel(result.bytes, { threads: 1 })
  const good = draw(20)
  const marked = good.pixels.slice()
  for (let y = 60; y < 76; y++)
    for (let x = 20; x < 36; x++) marked.fill((x % 4) * 80, (y * 96 + x) * 3, (y * 96 + x) * 3 + 3)
  const inspected = await model.inspect(await toPng({ ...good, pixels: marked }))
  const usual = await model.inspect(await toPng(good))
  expect(inspected.record.score).toBeGreaterThan(1.5 * (usual.record.score ?? NaN))
  const strangest = inspected.map.indexOf(Math.max(...inspected.map))
  expect(Math.abs(Math.floor(strangest / 96) - 68)).toBeLessThan(12)
  expect(Math.abs((strangest % 96) - 28)).toBeLessThan(12)
})
