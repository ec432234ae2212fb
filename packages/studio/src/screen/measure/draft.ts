/** Zones while they are drawn: corners in shares of the picture, with a way back for every step. */
import type { ApiProduct } from '@assay/contract/api'

export type Point = readonly [x: number, y: number]

export interface DraftZone {
  readonly name: string
  readonly kind: 'inspect' | 'ignore'
  /** Shares of width and height; null is the whole picture. */
  readonly polygon: readonly Point[] | null
  readonly falseAlarms: number | null
  readonly smallestAreaPx: number | null
  readonly smallestAreaMm2: number | null
  readonly mostRegions: number | null
}

export interface Draft {
  readonly mmPerPixel: number | null
  readonly zones: readonly DraftZone[]
}

/** `size` is that of a picture of the product: corners in pixels become shares of it. */
export function toDraft(
  zones: ApiProduct['zones'],
  size: { readonly width: number; readonly height: number },
): Draft {
  if (zones === null) return { mmPerPixel: null, zones: [] }
  const [w, h] = zones.unit === 'pixel' ? [size.width, size.height] : [1, 1]
  return {
    mmPerPixel: zones.mmPerPixel,
    zones: zones.zones.map((zone) => ({
      name: zone.name,
      kind: zone.kind,
      polygon: zone.polygon?.map(([x, y]) => [x / w, y / h] as const) ?? null,
      falseAlarms: zone.falseAlarms ?? null,
      smallestAreaPx: zone.smallestAreaPx ?? null,
      smallestAreaMm2: zone.smallestAreaMm2 ?? null,
      mostRegions: zone.mostRegions ?? null,
    })),
  }
}

/** Null when nothing is said that differs from inspecting all of the picture. */
export function fromDraft({ mmPerPixel, zones }: Draft): ApiProduct['zones'] {
  const whole: DraftZone = { ...emptyZone, name: 'part', polygon: null }
  const written = zones.some(({ kind }) => kind === 'inspect') ? zones : [whole, ...zones]
  if (zones.length === 0 && mmPerPixel === null) return null
  return {
    unit: 'relative',
    mmPerPixel,
    zones: written.map(
      ({ name, kind, polygon, falseAlarms, smallestAreaPx, smallestAreaMm2, mostRegions }) => ({
        name,
        kind,
        ...(polygon === null ? {} : { polygon: polygon.map(([x, y]): [number, number] => [x, y]) }),
        ...(kind === 'ignore'
          ? {}
          : {
              ...(falseAlarms === null ? {} : { falseAlarms }),
              ...(smallestAreaPx === null ? {} : { smallestAreaPx }),
              ...(smallestAreaMm2 === null || mmPerPixel === null ? {} : { smallestAreaMm2 }),
              ...(mostRegions === null ? {} : { mostRegions }),
            }),
      }),
    ),
  }
}

export const emptyZone: DraftZone = {
  name: '',
  kind: 'inspect',
  polygon: null,
  falseAlarms: null,
  smallestAreaPx: null,
  smallestAreaMm2: null,
  mostRegions: null,
}

/** A name that no zone has. */
export function freeName(zones: readonly DraftZone[], kind: DraftZone['kind']): string {
  const stem = kind === 'ignore' ? 'ignored' : 'zone'
  for (let i = 1; ; i++) if (zones.every(({ name }) => name !== `${stem} ${i}`)) return `${stem} ${i}`
}
