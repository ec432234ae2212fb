/** Reads a file of zones, with the masks beside it, into what a model card keeps. */
import { besidePath, readFile } from '#file'
import {
  AssayError,
  parseZonesFile,
  reasonOf,
  type Zones,
  type ZoneShape,
  type ZonesFile,
} from '@assay/contract'
import { decodeImage, toGrey8 } from '../image/index.ts'
import { toRuns } from './runs.ts'

/** More runs would make the card larger than many a model. */
const mostRuns = 200_000

/**
 * Throws ZONES_UNREADABLE for a file that is no JSON, ZONES_INVALID with the place in it that does not fit. Where
 * nothing is to be inspected by name, everything that is not ignored is one zone.
 */
export async function readZones(file: string): Promise<Zones> {
  const { unit, mmPerPixel, zones } = parseZonesFile(await readJson(file), file)
  const read: Zones['zones'] = []
  for (const [i, { polygon: _, mask: __, ...zone }] of zones.entries())
    read.push({ ...zone, shape: await readShape(zones[i], unit, file, `zones[${i}]`) })
  const rest = { name: 'everything else', kind: 'inspect' as const, shape: { kind: 'whole' as const } }
  return { mmPerPixel, zones: read.some((z) => z.kind === 'inspect') ? read : [rest, ...read] }
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(new TextDecoder().decode(await readFile(file)))
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    const reason = isMissing ? 'there is no such file' : reasonOf(error)
    throw new AssayError('ZONES_UNREADABLE', { path: file, reason }, { cause: error })
  }
}

async function readShape(
  zone: ZonesFile['zones'][number] | undefined,
  unit: ZonesFile['unit'],
  file: string,
  where: string,
): Promise<ZoneShape> {
  if (zone?.polygon !== undefined) return { kind: 'polygon', unit, corners: zone.polygon }
  if (zone?.mask === undefined) return { kind: 'whole' }
  const picture = await decodeImage(besidePath(file, zone.mask), { name: zone.mask }).catch(
    (error: unknown) => refuse(file, `${where}.mask`, reasonOf(error)),
  )
  const { width, height } = picture
  const runs = toRuns(toGrey8(picture).pixels)
  if (runs.length === 1) refuse(file, `${where}.mask`, `${zone.mask} is black all over`)
  if (runs.length > mostRuns)
    refuse(file, `${where}.mask`, `${zone.mask} is too ragged to keep; draw it smoother or smaller`)
  return { kind: 'mask', width, height, runs }
}

function refuse(file: string, where: string, reason: string): never {
  throw new AssayError('ZONES_INVALID', { path: file, where, reason })
}
