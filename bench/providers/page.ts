/** One model inspecting pictures in Chromium, seen from outside as an inspector like any other. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { InspectedImage } from '@assay/core'
import { launchChromium } from '../../e2e/chromium.ts'
import { buildLibraryPage, openLibrary } from '../../e2e/library.ts'
import type { PageLibrary } from '../../e2e/page/library.ts'
import { serve } from '../../e2e/static.ts'

/** What of an inspection is compared, with the time that it took in the page. */
export interface PageInspection extends Pick<InspectedImage, 'record' | 'map' | 'mask'> {
  readonly milliseconds: number
}

export interface PageInspector extends AsyncDisposable {
  /** Of Chromium. */
  readonly version: string
  /** The picture of this name; decoded in the page, too. */
  inspect(name: string): Promise<PageInspection>
}

interface PageScope extends PageLibrary {
  inspector?: Awaited<ReturnType<PageLibrary['assay']['openModel']>>
}

/** Loads the page, the model and the pictures, by name, from a server of its own. */
export async function openInPage(
  model: Uint8Array,
  pictures: Readonly<Record<string, Uint8Array>>,
  device: 'cpu' | 'webgpu',
  threads: number,
): Promise<PageInspector> {
  await using opened = new AsyncDisposableStack()
  const folder = await mkdtemp(path.join(tmpdir(), 'assay-providers-'))
  opened.defer(() => rm(folder, { recursive: true, force: true }))
  await buildLibraryPage(folder)
  const files: Record<string, Uint8Array> = { 'model.onnx': model }
  for (const [name, bytes] of Object.entries(pictures)) files[`picture/${name}`] = bytes
  const server = opened.use(await serve({ folder, files }))
  const browser = await launchChromium()
  opened.defer(() => browser.close())
  const library = await openLibrary(await browser.newPage(), server.url)
  await library.evaluate(
    async ({ device, threads }) => {
      const scope = globalThis as unknown as PageScope
      scope.inspector = await scope.assay.openModel('/model.onnx', { device, threads })
    },
    { device, threads },
  )
  const kept = opened.move()
  return {
    version: browser.version(),
    inspect: async (name) => {
      const { record, map, mask, milliseconds } = await library.evaluate(async (name) => {
        const { inspector } = globalThis as unknown as PageScope
        if (inspector === undefined) throw new Error('the model is not open')
        /** Numbers one by one would take minutes to come out of the page. */
        const toBase64 = (bytes: Uint8Array): string => {
          let text = ''
          for (let at = 0; at < bytes.length; at += 32768)
            text += String.fromCharCode(...bytes.subarray(at, at + 32768))
          return btoa(text)
        }
        const started = performance.now()
        const { record, map, mask } = await inspector.inspect(`/picture/${name}`, { name })
        const milliseconds = performance.now() - started
        return { record, map: toBase64(new Uint8Array(map.buffer)), mask: toBase64(mask), milliseconds }
      }, name)
      const values = Uint8Array.from(Buffer.from(map, 'base64'))
      return {
        record,
        map: new Float32Array(values.buffer),
        mask: Uint8Array.from(Buffer.from(mask, 'base64')),
        milliseconds,
      }
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}
