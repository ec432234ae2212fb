/** Zones of a picture of which only a reduced copy is held. */
import type { Zone, Zones } from '@assay/contract'

/** The same zones in squares of `reduction` pixels, with the same rules and measures. */
export function reduceZones({ mmPerPixel, zones }: Zones, reduction: number): Zones {
  return {
    mmPerPixel: mmPerPixel === null ? null : mmPerPixel * reduction,
    zones: zones.map(({ shape, smallestAreaPx, ...zone }): Zone => ({
      ...zone,
      ...(smallestAreaPx === undefined ? {} : { smallestAreaPx: smallestAreaPx / reduction ** 2 }),
      shape:
        shape.kind === 'polygon' && shape.unit === 'pixel'
          ? { ...shape, corners: shape.corners.map(([x, y]) => [x / reduction, y / reduction]) }
          : shape,
    })),
  }
}
