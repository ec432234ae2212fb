/**
 * Lays out one set for both sides: a folder for our training and the same pixels for the reference.
 *
 *   node tools/parity/cras/pixels.ts <folder of the set> <work folder>
 *
 * <work>/<set>/data holds links: as many evenly spread training images as settings.json says, others as
 * validation images, so that our training holds out none of its own. <work>/<set>/pixels.bin holds every
 * image as our preprocessing makes it, uint8 [n, 288, 288, 3]; masks.bin the masks through the same
 * resizing, as the reference does; files.json says which is which.
 */
import { mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { mergeRecipe, paperRecipe } from '@assay/contract'
import { prepareInput } from '../../../packages/core/src/feature/index.ts'
import { decodeImage } from '../../../packages/core/src/image/index.ts'
import settings from './settings.json' with { type: 'json' }

const [source, work] = process.argv.slice(2)
if (source === undefined || work === undefined) {
  console.error('usage: pixels.ts <folder of the set> <work folder>')
  process.exit(64)
}
const set = basename(resolve(source)) as keyof typeof settings.trainingImages
const out = join(work, set)
const { input } = mergeRecipe(paperRecipe(1))
const size = { height: input.crop, width: input.crop }
await rm(out, { recursive: true, force: true })

const files: { split: string; defect: string; name: string }[] = []
const pixels: Uint8Array[] = []
const masks: Uint8Array[] = []
const good = await list('train/good')
const held = settings.heldOut[set]
// The first of the evenly spread images are held out, the others learnt from.
const chosen = spread(good, settings.trainingImages[set] + held)
const heldOut = new Set(spread(chosen, held))
for (const name of chosen) await add(heldOut.has(name) ? 'validation' : 'train', 'good', 'train/good', name)
for (const defect of (await readdir(join(source, 'test'))).sort())
  for (const name of await list(`test/${defect}`)) await add('test', defect, `test/${defect}`, name)
await writeFile(join(out, 'pixels.bin'), Buffer.concat(pixels))
await writeFile(join(out, 'masks.bin'), Buffer.concat(masks))
await writeFile(join(out, 'files.json'), JSON.stringify(files, null, 1))
console.log(`${set}: ${files.length} images`)

async function add(split: string, defect: string, from: string, name: string): Promise<void> {
  const folder = join(out, 'data', set, split, defect)
  await mkdir(folder, { recursive: true })
  const path = resolve(source ?? '', from, name)
  await symlink(path, join(folder, name))
  pixels.push(await prepare(path))
  files.push({ split, defect, name })
  if (split !== 'test') return
  masks.push(defect === 'good' ? new Uint8Array(input.crop * input.crop) : await prepareMask(defect, name))
}

async function prepare(path: string): Promise<Uint8Array> {
  return prepareInput(await decodeImage(path), size, input).pixels
}

async function prepareMask(defect: string, name: string): Promise<Uint8Array> {
  const file = `ground_truth/${defect}/${name.replace(/\.[^.]*$/, '')}_mask.png`
  return (await prepare(resolve(source ?? '', file))).filter((_, i) => i % 3 === 0)
}

async function list(folder: string): Promise<string[]> {
  return (await readdir(join(source ?? '', folder))).sort()
}

function spread<T>(items: readonly T[], count: number): T[] {
  return Array.from({ length: count }, (_, i) => items[Math.floor((i * items.length) / count)] as T)
}
