/** The columns of an exported inspection, for CSV and HTML. */
import type { ApiInspection } from '@assay/contract/api'

type Cell = string | number | null

export const columns = [
  'id',
  'time',
  'product',
  'name',
  'verdict',
  'score',
  'threshold',
  'calibrated',
  'regions',
  'largest_area_px',
  'model',
  'milliseconds',
  'shadow_verdict',
  'decision',
  'decided_by',
  'decided_at',
  'error',
] as const

export function toRow(inspection: ApiInspection, products: ReadonlyMap<string, string>): readonly Cell[] {
  const { record, decision, shadow } = inspection
  return [
    inspection.id,
    inspection.createdAt,
    products.get(inspection.product) ?? inspection.product,
    inspection.name,
    record.verdict,
    record.score,
    record.threshold,
    record.calibrated,
    record.regions.length,
    record.regions.reduce((most, { areaPx }) => Math.max(most, areaPx), 0),
    inspection.model,
    Math.round(inspection.milliseconds),
    shadow?.verdict ?? null,
    decision?.verdict ?? null,
    decision?.by ?? null,
    decision?.at ?? null,
    record.error?.code ?? null,
  ]
}
