/** The page of the library: built as plain files, and its worker once `assay` is within reach there. */
import { fileURLToPath } from 'node:url'
import type { Page, Worker } from 'playwright-core'
import { build } from 'vite'

const libraryPage = fileURLToPath(new URL('page/', import.meta.url))

/** Builds the page into `folder`, without the configuration of the product. */
export async function buildLibraryPage(folder: string): Promise<void> {
  await build({
    configFile: false,
    logLevel: 'error',
    root: libraryPage,
    base: './',
    worker: { format: 'es' },
    build: { outDir: folder, target: 'esnext', rolldownOptions: { checks: { eval: false } } },
  })
}

/** The worker of the page, when it has loaded; see `PageLibrary` for what is in it. */
export async function openLibrary(page: Page, url: string): Promise<Worker> {
  const coming = page.waitForEvent('worker')
  await page.goto(url)
  const worker = await coming
  await worker.evaluate(
    `(async () => { while (!('assay' in globalThis)) await new Promise((r) => setTimeout(r, 50)) })()`,
  )
  return worker
}
