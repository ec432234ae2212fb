/** The zones of a picture as one plane of labels: each pixel belongs to the last zone that covers it. */
import { AssayError, type Zone } from '@assay/contract'
import { fillPolygon } from './polygon.ts'
import { fromRuns } from './runs.ts'

/** `[height, width]`: 0 is not inspected, `i + 1` is zone `i` of the list. */
export type ZonePlane = Uint8Array

/** Throws ZONE_EMPTY where an inspected zone covers no pixel of the picture, which would then pass unseen. */
export function layZones(zones: readonly Zone[], width: number, height: number, name: string): ZonePlane {
  const plane = new Uint8Array(width * height)
  for (const [i, { kind, shape }] of zones.entries()) {
    const label = kind === 'inspect' ? i + 1 : 0
    const paint = (y: number, start: number, end: number): void => {
      plane.fill(label, y * width + start, y * width + end)
    }
    switch (shape.kind) {
      case 'whole':
        plane.fill(label)
        break
      case 'polygon': {
        const [right, bottom] = shape.unit === 'relative' ? [width, height] : [1, 1]
        const corners = shape.corners.map(([x, y]): [number, number] => [x * right, y * bottom])
        fillPolygon(corners, width, height, paint)
        break
      }
      case 'mask': {
        const mask = fromRuns(shape.runs, shape.width * shape.height)
        for (let y = 0, at = 0; y < height; y++) {
          const row = Math.floor(((y + 0.5) * shape.height) / height) * shape.width
          for (let x = 0; x < width; x++, at++)
            if (mask[row + Math.floor(((x + 0.5) * shape.width) / width)] !== 0) plane[at] = label
        }
        break
      }
      default:
        shape satisfies never
    }
  }
  const isCovered = new Uint8Array(zones.length + 1)
  for (const label of plane) isCovered[label] = 1
  for (const [i, zone] of zones.entries())
    if (zone.kind === 'inspect' && isCovered[i + 1] === 0)
      throw new AssayError('ZONE_EMPTY', { zone: zone.name, path: name, width, height })
  return plane
}

/** A copy of a map in which what is not inspected, or is not in the zone `only`, has the lowest value of what is. */
export function cutMap(map: Float32Array, plane: ZonePlane, only?: number): Float32Array {
  const isInside = (zone: number | undefined): boolean => (only === undefined ? zone !== 0 : zone === only)
  let lowest = Infinity
  for (let i = 0; i < map.length; i++) if (isInside(plane[i]) && map[i]! < lowest) lowest = map[i]!
  return map.map((value, i) => (isInside(plane[i]) ? value : lowest))
}
