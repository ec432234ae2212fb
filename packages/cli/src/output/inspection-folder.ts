/**
 * The folder that `assay inspect --out` leaves: overlays, maps and masks per image, and a page.
 *
 * ```
 * index.html  inspections.jsonl
 * overlays/NAME.png  maps/NAME.tiff  masks/NAME.png  page/part/NAME.jpg  page/heat/NAME.jpg
 * ```
 */
import { isAbsolute, join, relative, resolve, sep } from 'node:path'
import type { Card, Inspection } from '@assay/contract'
import type { InspectedImage, InspectionItem, PageLink } from '@assay/core'
import type { Core } from '../core.ts'
import { heatColours, makeSmallPictures } from './picture.ts'
import { writeWhole } from './write.ts'

export interface PlacedImage {
  readonly inspected: InspectedImage
  /** Where the image lies, for a link from the page. */
  readonly path: string
  /** Name of its files, without ending. */
  readonly name: string
  readonly truth: Uint8Array | null
}

/** Writes all files of one image; the item's record says where map and mask are. */
export async function writeInspected(
  core: Core,
  folder: string,
  placed: PlacedImage,
): Promise<InspectionItem> {
  const { inspected, name } = placed
  const { image, map, mask, width, height } = inspected
  const mapPath = join(folder, 'maps', `${name}.tiff`)
  const maskPath = join(folder, 'masks', `${name}.png`)
  await writeWhole(mapPath, core.encodeFloatTiff(map, width, height, { bits: 32 }))
  await writeWhole(maskPath, await core.encodeMaskPng(mask, width, height))
  const { zones } = inspected
  const ground = zones === null ? image : core.drawZones(core.toRgb8(image), zones)
  const overlay = core.drawOverlay(ground, { scores: inspected.calibratedMap, mask })
  await writeWhole(
    join(folder, 'overlays', `${name}.png`),
    await core.encodePng(overlay.pixels, width, height, 3, { compression: 3 }),
  )
  const pictures = await writePictures(core, folder, placed)
  return {
    record: { ...inspected.record, map: mapPath, mask: maskPath },
    pictures: { ...pictures, large: `overlays/${name}.png` },
  }
}

/** Writes only the small pictures for a page. */
async function writePictures(core: Core, folder: string, placed: PlacedImage) {
  const { inspected, path, name, truth } = placed
  const small = await makeSmallPictures(core, inspected, truth)
  const part = `page/part/${name}.jpg`
  const heat = `page/heat/${name}.jpg`
  await writeWhole(join(folder, part), small.part)
  await writeWhole(join(folder, heat), small.heat)
  return { part, heat, large: null, original: linkBetween(folder, path), ...small.drawing }
}

export interface InspectionReport {
  readonly title: string
  readonly model: string
  readonly card: Card
  readonly items: readonly InspectionItem[]
  readonly links?: readonly PageLink[]
}

/** Writes the page and the records; returns the path of the page. */
export async function writeInspectionReport(
  core: Core,
  folder: string,
  report: InspectionReport,
): Promise<string> {
  const page = join(folder, 'index.html')
  const lines = report.items.map((item) => `${JSON.stringify(item.record satisfies Inspection)}\n`)
  await writeWhole(join(folder, 'inspections.jsonl'), lines.join(''))
  await writeWhole(page, core.renderInspectionPage({ ...report, colourAt: heatColours(core) }))
  return page
}

/** A relative link from a page in `folder` to a file, or null across drives. */
function linkBetween(folder: string, path: string): string | null {
  const link = relative(resolve(folder), resolve(path))
  return isAbsolute(link) ? null : link.split(sep).join('/')
}
