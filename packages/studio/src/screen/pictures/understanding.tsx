/** What a training would make of the pictures. */
import type { ApiProduct } from '@assay/contract/api'
import { call } from '../../client/request.ts'
import { FaultNote, Waiting } from '../../part/notice.tsx'
import { useLoad } from '../../state/load.ts'

export function Understanding({ product, turn }: { product: ApiProduct; turn: string }) {
  const { id } = product
  const known = useLoad(`understanding ${id} ${turn}`, (signal) =>
    call('understandProduct', { product: id, signal }),
  )
  const { data, fault } = known
  if (fault !== null) return <FaultNote fault={fault} onRetry={known.reload} />
  if (data === undefined) return <Waiting what="Looking at the pictures" />
  const defects = Object.entries(data.testDefect)
  return (
    <section class="stack">
      <h2>What was understood</h2>
      <dl class="facts">
        <Fact name="Learned from" value={`${data.training} good`} />
        <Fact name="Sets the thresholds" value={`${data.heldOut} good`} />
        <Fact
          name="Tested on"
          value={`${data.testGood} good, ${defects.reduce((n, [, m]) => n + m, 0)} defect`}
        />
        {defects.map(([kind, n]) => (
          <Fact key={kind} name={`· ${kind}`} value={String(n)} />
        ))}
        {defects.length > 0 && <Fact name="With the place of the defect" value={String(data.masks)} />}
        {data.sizes.slice(0, 3).map(({ width, height, images }) => (
          <Fact key={`${width} ${height}`} name={`${width} × ${height} pixels`} value={String(images)} />
        ))}
      </dl>
      {data.advice.length > 0 && (
        <ul class="advice">
          {data.advice.map((text) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
      )}
      {data.canTrain && (
        <a class="button primary" href={`/product/${id}/train`}>
          Go on to training
        </a>
      )}
    </section>
  )
}

export function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  )
}
