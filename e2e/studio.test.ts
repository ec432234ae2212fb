/**
 * The whole day of the studio in Debian's Chromium: a new product from pictures, training, the threshold moved by
 * hand, inspecting, one verdict put right, training again, comparing, exporting; then the server is started anew
 * below the open page. Every screen is looked at by axe and kept as a picture in coverage/studio.
 *
 * Skipped where no Chromium is installed (`apt-get install chromium`, or its path in CHROMIUM_PATH).
 */
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { synthesiseDataset } from '@assay/core'
import { createConfig, createLog, startStudio, type Studio } from '@assay/server'
import axe from 'axe-core'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chromiumPath, launchChromium } from './chromium.ts'

const shots = fileURLToPath(new URL('../coverage/studio/', import.meta.url))

interface Picture {
  readonly name: string
  readonly mimeType: string
  readonly buffer: Buffer
}

if (chromiumPath === undefined) console.warn('No Chromium here: the tests of the studio are skipped.')

describe.skipIf(chromiumPath === undefined)('the studio in Chromium', { timeout: 240_000 }, () => {
  let root: string
  let browser: Browser
  let page: Page
  let studio: Studio
  let good: readonly Picture[]
  let testGood: readonly Picture[]
  let defects: readonly Picture[]
  /** A good part that the product has no picture of. */
  let fresh: readonly Picture[]
  const faults: string[] = []

  const start = (port: number): Promise<Studio> =>
    startStudio({
      config: createConfig({ folder: join(root, 'store'), port, threads: 1 }),
      log: createLog({ write: () => {} }),
      env: {},
    })

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'assay-studio-'))
    await mkdir(shots, { recursive: true })
    const folder = join(root, 'data')
    await synthesiseDataset(folder, {
      products: ['flange'],
      defects: ['hole'],
      counts: { train: 10, testGood: 5, testDefect: 4 },
      size: { width: 150, height: 120 },
    })
    good = await readPictures(join(folder, 'flange/train/good'), 'good')
    testGood = await readPictures(join(folder, 'flange/test/good'), 'test')
    fresh = testGood.slice(4)
    testGood = testGood.slice(0, 4)
    defects = await readPictures(join(folder, 'flange/test/hole'), 'hole')
    const [launched, started] = await Promise.all([launchChromium(), start(0)])
    browser = launched
    studio = started
    const context = await browser.newContext({
      viewport: { width: 1360, height: 860 },
      acceptDownloads: true,
    })
    page = await context.newPage()
    page.setDefaultTimeout(40_000)
    page.on('pageerror', (error) => faults.push(error.message))
    page.on('console', (message) => {
      // While the server is away the browser itself complains about every try.
      if (message.type() === 'error' && !message.text().includes('Failed to load resource'))
        faults.push(message.text())
    })
  })
  afterAll(async () => {
    await browser.close()
    await studio[Symbol.asyncDispose]()
    await rm(root, { recursive: true, force: true })
  })

  /** Keeps the screen as a picture and asks axe about it. */
  async function look(name: string): Promise<void> {
    await page.screenshot({ path: join(shots, `${name}.png`) })
    await page.evaluate(axe.source)
    const found = (await page.evaluate(
      `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id, nodes }) => id + ': ' + nodes.map(({ target }) => target.join(' ')).join(', ')))`,
    )) as string[]
    expect(found, name).toEqual([])
  }

  const goTo = (screen: string): Promise<void> =>
    page.locator('nav').getByRole('link', { name: screen, exact: true }).click()
  const button = (name: string | RegExp): Locator => page.getByRole('button', { name })
  /** Everything here is quick or waits for work on a busy machine. */
  const eventually = <T>(read: () => Promise<T>) => expect.poll(read, { timeout: 40_000, interval: 100 })
  const count = (tab: string): Locator => page.getByRole('tab', { name: new RegExp(tab) }).locator('.count')

  async function upload(pictures: readonly Picture[]): Promise<void> {
    await page
      .locator('input[type=file][multiple]')
      .first()
      .setInputFiles([...pictures])
  }

  async function train(finished: number): Promise<void> {
    await goTo('Train')
    await page.getByRole('radio', { name: /PatchCore/ }).check()
    await page.getByRole('radio', { name: /^Fast/ }).check({ force: true })
    await button('Start training').click()
    await page.locator('.job progress').waitFor()
    await page.locator('.job.done').nth(finished).waitFor({ timeout: 120_000 })
  }

  test('the sign-in link opens the page, takes its token out of the address, and proposes a first step', async () => {
    await page.goto(studio.link)
    await page.getByText('Begin with a product').waitFor()
    expect(page.url()).toBe(`${studio.address}/`)
    await look('products-empty')
  })

  test('a new product takes pictures into its buckets, and a deletion is taken back', async () => {
    await page.keyboard.press('n')
    await page.getByLabel('Name').fill('Flange')
    await button('Make it').click()
    await page.getByText('No good pictures yet').waitFor()
    await look('pictures-empty')
    await upload([...good, ...testGood])
    await eventually(() => count('Good').innerText()).toBe('14')
    await page.getByRole('tab', { name: /Defect/ }).click()
    await upload(defects)
    await eventually(() => count('Defect').innerText()).toBe('4')
    await page.getByRole('tab', { name: /Good/ }).click()
    // Newest first: the test pictures came last.
    await page.locator('.cell').nth(13).waitFor()
    await page.locator('.cell').nth(0).click()
    await page
      .locator('.cell')
      .nth(3)
      .click({ modifiers: ['Shift'] })
    await button('For the test').click()
    await eventually(() => page.locator('.cell .chip', { hasText: 'test' }).count()).toBe(4)
    await page.getByText('4 good, 4 defect').waitFor()
    await page.locator('.cell').nth(12).click()
    await page.keyboard.press('Delete')
    await eventually(() => count('Good').innerText()).toBe('13')
    await button('Undo').last().click()
    await eventually(() => count('Good').innerText()).toBe('14')
    await look('pictures')
  })

  test('the doctor says what is wrong with the pictures', async () => {
    await button('Examine the pictures').click()
    await button('Examine again').waitFor({ timeout: 100_000 })
    await look('doctor')
  })

  test('a training shows its progress and its log', async () => {
    await train(0)
    await button('Log').click()
    await page.locator('.log li', { hasText: 'Learns from' }).waitFor()
    await look('train-log')
    await page.keyboard.press('Escape')
    await look('train')
  })

  test('the threshold is moved by keys, says at once what it costs, and is kept as a version', async () => {
    await goTo('Decide')
    const handle = page.getByRole('slider', { name: 'Threshold' })
    await handle.focus()
    await page.keyboard.press('Home')
    const counts = (): Promise<string> => page.locator('.counts').innerText()
    await eventually(counts).toMatch(/false alarms\s+4/i)
    expect(await counts()).toMatch(/defects found\s+4/i)
    await look('decide')
    await button('Keep this threshold').click()
    await page.getByText('Version 2 judges').waitFor()
  })

  test('a picture is inspected with its map, and a wrong verdict is put right', async () => {
    await goTo('Inspect')
    await upload([...defects.slice(0, 1), ...fresh])
    await page.locator('.strip .verdict').nth(1).waitFor()
    await page.locator('.layers canvas').first().waitFor()
    await page.keyboard.press('v')
    expect(await page.locator('.beside .stage').count()).toBe(2)
    await look('inspect-beside')
    await page.keyboard.press('v')
    await look('inspect-reveal')
    await page.keyboard.press('v')
    await page.keyboard.press('ArrowRight')
    await page.locator('.inspection-side .name', { hasText: 'test' }).waitFor()
    await page.locator('.inspection-side .verdict.defect').waitFor()
    await page.keyboard.press('f')
    await page.locator('.decide-good[aria-pressed=true]').waitFor()
    // The model's word stays.
    expect(await page.locator('.inspection-side .verdict').innerText()).toBe('Defect')
    await look('inspect')
    await page.keyboard.press('?')
    await page.locator('dialog[open] .keys').first().waitFor()
    await look('keys')
    await page.keyboard.press('Escape')
  })

  test('zones are drawn and kept, and review offers what waits', async () => {
    await goTo('Review')
    await page.locator('.inspection').waitFor()
    await look('review')
    await goTo('Measure')
    await page.locator('.board img').waitFor()
    await button('Rectangle').click()
    const box = await page.locator('.board .layers').boundingBox()
    if (box === null) throw new Error('internal: there is no board')
    await page.mouse.move(box.x + box.width * 0.1, box.y + box.height * 0.1)
    await page.mouse.down()
    await page.mouse.move(box.x + box.width * 0.9, box.y + box.height * 0.8, { steps: 4 })
    await page.mouse.up()
    await button('Keep the zones').click()
    await page.getByText('Kept. They hold').waitFor()
    await look('measure')
  })

  test('it is trained again, and the versions are compared on the same pictures', async () => {
    await goTo('Train')
    // The picture whose verdict was put right is part of the material.
    await page.getByText('15 good pictures are there').waitFor()
    await train(1)
    await goTo('Models')
    await page.getByRole('checkbox', { name: 'Compare version 1' }).check()
    await page.getByRole('checkbox', { name: 'Compare version 3' }).check()
    await page.getByText('8 pictures that both saw').waitFor()
    await look('models')
    await button('Version 3').click()
    await page.getByText('The same on every device').waitFor()
    await look('card')
    await page.keyboard.press('Escape')
  })

  test('the history is searched and exported with the decision of the human', async () => {
    await goTo('History')
    await page.locator('.records tbody tr').nth(1).waitFor()
    await look('history')
    await page.getByLabel('Name').fill('test')
    await eventually(() => page.locator('.records tbody tr').count()).toBe(1)
    const coming = page.waitForEvent('download')
    await page.getByRole('link', { name: 'CSV' }).click()
    const lines = (await readFile(await (await coming).path(), 'utf8')).trim().split(/\r?\n/)
    expect(lines).toHaveLength(2)
    expect(lines[1]).toMatch(/test-.*defect.*good/)
  })

  test('an admin sees the line, the tokens and what was done', async () => {
    await goTo('Line and settings')
    await look('settings')
    await page.getByRole('tab', { name: 'Access' }).click()
    await page.locator('table').waitFor()
    await look('access')
    await page.getByRole('tab', { name: 'What was done' }).click()
    await page.locator('td', { hasText: 'setThreshold' }).waitFor()
    await look('audit')
  })

  test('the page says that the server is away and goes on by itself when it is back', async () => {
    await page.locator('nav a.brand').click()
    await page.locator('.product-card').waitFor()
    const { port } = new URL(studio.address)
    await studio[Symbol.asyncDispose]()
    await page.locator('.lost').waitFor()
    await look('away')
    studio = await start(Number(port))
    await page.locator('.lost').waitFor({ state: 'detached' })
    await page.locator('.product-card').click()
    await goTo('History')
    await page.locator('.records tbody tr').nth(1).waitFor()
  })

  test('nothing failed in the page, and its policy was never broken', () => {
    expect(faults).toEqual([])
  })
})

async function readPictures(folder: string, prefix: string): Promise<Picture[]> {
  const names = (await readdir(folder)).toSorted()
  return Promise.all(
    names.map(async (name) => ({
      name: `${prefix}-${name}`,
      mimeType: 'image/png',
      buffer: await readFile(join(folder, name)),
    })),
  )
}
