/** Fetches the layers of inspections; the last ones stay, so that going back and forth is quick. */
import type { ApiInspection } from '@assay/contract/api'
import { call } from '../client/request.ts'
import { useLoad, type Loaded } from '../state/load.ts'
import { readHeatMap, readOutline, type HeatMap, type Outline } from './layer.ts'

export interface Layers {
  readonly heat: HeatMap | null
  readonly outline: Outline | null
}

const mostKept = 12
const kept = new Map<string, Promise<Layers>>()

export function useLayers(inspection: ApiInspection | null): Loaded<Layers> {
  const id = inspection === null || inspection.record.verdict === null ? null : inspection.id
  return useLoad(id === null ? null : `layers ${id}`, () => layersOf(id ?? ''))
}

function layersOf(inspection: string): Promise<Layers> {
  const known = kept.get(inspection)
  if (known !== undefined) return known
  const reading = readLayers(inspection)
  kept.set(inspection, reading)
  reading.catch(() => kept.delete(inspection))
  for (const old of [...kept.keys()].slice(0, Math.max(0, kept.size - mostKept))) kept.delete(old)
  return reading
}

async function readLayers(inspection: string): Promise<Layers> {
  const [map, mask] = await Promise.all([
    call('readInspectionMap', { inspection }),
    call('readInspectionMask', { inspection }),
  ])
  const [heat, outline] = await Promise.all([readHeatMap(map), readOutline(mask)])
  return { heat, outline }
}
