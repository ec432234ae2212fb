/**
 * One model file on several providers, each compared with the CPU in Node on one thread: scores, maps, masks and
 * verdicts of real pictures, decoding included.
 *
 *     npx node bench/providers/run.ts <model.onnx> <data> <set> <csv> [--pictures 25] [--threads 1]
 *         [--providers node-webgpu,chromium-wasm,chromium-webgpu]
 *
 * Half of the pictures are good and half defective, spread evenly over the test images of the dataset. WebGPU needs
 * a GPU or a software adapter (Debian: chromium and libvulkan1, with VK_ICD_FILENAMES set to its
 * vk_swiftshader_icd.json).
 */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { openModel, readDataset, type Inspector } from '@assay/core'
import { measureDifference } from '../../packages/core/src/pipeline/parity.ts'
import { openInPage, type PageInspection } from './page.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    pictures: { type: 'string', default: '25' },
    providers: { type: 'string', default: 'node-webgpu,chromium-wasm,chromium-webgpu' },
    threads: { type: 'string', default: '1' },
  },
})
const [modelPath = '', data = '', set = '', csv = ''] = positionals
const threads = Number(values.threads)
const columns =
  'set,method,profile,pixels,provider,pictures,judgedDefect,threads,score,map,mask,verdictsDiffer,milliseconds,chromium'
if (!existsSync(csv)) writeFileSync(csv, `${columns}\n`)

interface Opened extends AsyncDisposable {
  readonly version?: string
  inspect(picture: string): Promise<PageInspection>
}

const model = new Uint8Array(readFileSync(modelPath))
const pictures = await choosePictures(Number(values.pictures))
const expected = new Map<string, PageInspection>()
await using reference = await openInNode('cpu', 1)
const { recipe } = reference.card
const started = performance.now()
for (const picture of pictures) expected.set(picture, await reference.inspect(picture))
writeRow('node-cpu', 1, '', { score: 0, map: 0, mask: 0, verdicts: 0 }, performance.now() - started)

for (const provider of values.providers.split(',')) {
  await using other = await open(provider)
  const worst = { score: 0, map: 0, mask: 0, verdicts: 0 }
  let milliseconds = 0
  for (const [i, picture] of pictures.entries()) {
    const right = expected.get(picture)
    if (right === undefined) throw new Error(`${picture} was not inspected on the CPU`)
    const found = await other.inspect(picture)
    const difference = measureDifference(right, found)
    for (const key of ['score', 'map', 'mask'] as const) worst[key] = Math.max(worst[key], difference[key])
    if (found.record.verdict !== right.record.verdict) worst.verdicts++
    milliseconds += found.milliseconds
    console.error(
      `${provider} ${i + 1}/${pictures.length} ${path.basename(picture)}: score ${difference.score.toExponential(1)}, ` +
        `map ${difference.map.toExponential(1)}, mask ${difference.mask.toExponential(1)}, ` +
        `${Math.round(found.milliseconds)} ms`,
    )
  }
  writeRow(provider, threads, other.version ?? '', worst, milliseconds)
}

function writeRow(
  provider: string,
  threads: number,
  version: string,
  worst: { readonly score: number; readonly map: number; readonly mask: number; readonly verdicts: number },
  milliseconds: number,
): void {
  const defects = [...expected.values()].filter(({ record }) => record.verdict === 'defect').length
  const figures = [worst.score, worst.map, worst.mask].map((v) => Number(v.toPrecision(2)))
  const each = Math.round(milliseconds / pictures.length)
  const { method, profile, input } = recipe
  const model = [method, profile, input.pixels]
  const row = [set, ...model, provider, pictures.length, defects, threads, ...figures]
  appendFileSync(csv, `${[...row, worst.verdicts, each, version].join(',')}\n`)
}

async function open(provider: string): Promise<Opened> {
  if (provider === 'node-webgpu') return openInNode('webgpu', threads)
  const device = provider === 'chromium-wasm' ? 'cpu' : provider === 'chromium-webgpu' ? 'webgpu' : undefined
  if (device === undefined) throw new Error(`there is no provider ${provider}`)
  const names = new Map(pictures.map((picture, i) => [picture, `${i}${path.extname(picture)}`]))
  const files = Object.fromEntries(
    pictures.map((picture) => [names.get(picture) ?? '', new Uint8Array(readFileSync(picture))]),
  )
  const page = await openInPage(model, files, device, threads)
  return {
    version: page.version,
    inspect: (picture) => page.inspect(names.get(picture) ?? ''),
    [Symbol.asyncDispose]: () => page[Symbol.asyncDispose](),
  }
}

async function openInNode(
  device: 'cpu' | 'webgpu',
  threads: number,
): Promise<Opened & Pick<Inspector, 'card'>> {
  const inspector = await openModel(model, { device, threads })
  return {
    card: inspector.card,
    inspect: async (picture) => {
      const started = performance.now()
      const { record, map, mask } = await inspector.inspect(picture)
      return { record, map, mask, milliseconds: performance.now() - started }
    },
    [Symbol.asyncDispose]: () => inspector[Symbol.asyncDispose](),
  }
}

async function choosePictures(count: number): Promise<readonly string[]> {
  const { products } = await readDataset(data)
  const test = products.flatMap((p) => p.samples).filter(({ split }) => split === 'test')
  return (['good', 'defect'] as const).flatMap((label, i) => {
    const own = test.filter((sample) => sample.label === label)
    const wanted = i === 0 ? Math.floor(count / 2) : Math.ceil(count / 2)
    return Array.from({ length: wanted }, (_, k) => own[Math.floor((k * own.length) / wanted)]?.path ?? '')
  })
}
