/** What the watching model judges otherwise than the one that inspects. */
import type { ApiProduct } from '@assay/contract/api'
import { addressOf, call } from '../../client/request.ts'
import { FaultNote } from '../../part/notice.tsx'
import { formatTime } from '../../part/number.ts'
import { Verdict } from '../../part/verdict.tsx'
import { useLoad } from '../../state/load.ts'

export function Disagreements({ product }: { product: ApiProduct }) {
  const { id, shadowModel, inspections } = product
  const list = useLoad(`disagreements ${id} ${shadowModel ?? ''} ${inspections}`, (signal) =>
    call('listInspections', { query: { product: id, disagrees: 'true', limit: 50 }, signal }),
  )
  const items = (list.data?.items ?? []).filter(({ shadow }) => shadow?.model === shadowModel)
  return (
    <section class="pane stack" aria-label="Disagreements">
      <h2>The watching model disagrees</h2>
      {list.fault !== null && <FaultNote fault={list.fault} onRetry={list.reload} />}
      {items.length === 0 ? (
        <p class="soft">Nowhere so far. Every picture that is inspected from now on is judged by both.</p>
      ) : (
        <table class="table records">
          <tbody>
            {items.map((inspection) => (
              <tr key={inspection.id}>
                <td>
                  <img
                    src={addressOf('readInspectionView', { inspection: inspection.id })}
                    alt=""
                    loading="lazy"
                  />
                </td>
                <td>
                  <a href={`/product/${id}/history?open=${inspection.id}`}>{inspection.name}</a>
                </td>
                <td>
                  <Verdict verdict={inspection.record.verdict} isSmall />
                </td>
                <td>watching: {inspection.shadow?.verdict}</td>
                <td class="soft">{formatTime(inspection.createdAt)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  )
}
