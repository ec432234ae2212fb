/** A table of inspections with its filters. */
import type { ApiProduct } from '@assay/contract/api'
import { useEffect, useState } from 'preact/hooks'
import { addressOf, call } from '../../client/request.ts'
import { Empty, FaultNote, Waiting } from '../../part/notice.tsx'
import { formatScore, formatTime } from '../../part/number.ts'
import { Verdict } from '../../part/verdict.tsx'
import { useLoad } from '../../state/load.ts'
import { attempt } from '../../state/toast.ts'

interface Filter {
  readonly name?: string
  readonly verdict?: 'good' | 'defect' | 'unsure'
  readonly decided?: 'true' | 'false'
  readonly disagrees?: 'true'
  readonly from?: string
  readonly to?: string
  readonly minScore?: number
}

const pageSize = 100

export function Records({ product, onOpen }: { product: ApiProduct; onOpen: (inspection: string) => void }) {
  const [filter, setFilter] = useState<Filter>({})
  const [typed, setTyped] = useState('')
  useEffect(() => {
    const timer = setTimeout(() => set('name', typed.trim() === '' ? undefined : typed.trim()), 250)
    return () => clearTimeout(timer)
  }, [typed])
  const set = <K extends keyof Filter>(key: K, value: Filter[K] | undefined): void =>
    setFilter((old) => {
      const { [key]: _, ...rest } = old
      return value === undefined ? rest : { ...rest, [key]: value }
    })
  const query = { product: product.id, ...filter }
  const list = useLoad(`records ${JSON.stringify(query)} ${product.inspections}`, (signal) =>
    call('listInspections', { query: { ...query, limit: pageSize }, signal }),
  )
  const { data } = list
  const more = async (): Promise<void> => {
    if (data?.next == null) return
    const next = await call('listInspections', { query: { ...query, limit: pageSize, cursor: data.next } })
    list.set({ items: [...data.items, ...next.items], next: next.next })
  }
  const dayOf = (time: string | undefined): string => time?.slice(0, 10) ?? ''
  return (
    <section class="pane scroll" aria-label="Records">
      <div class="bar filters">
        <label class="field">
          Name
          <input
            type="search"
            placeholder="part of it"
            value={typed}
            onInput={({ currentTarget }) => setTyped(currentTarget.value)}
          />
        </label>
        <label class="field">
          Verdict
          <select
            value={filter.verdict ?? ''}
            onChange={({ currentTarget }) => set('verdict', verdictOf(currentTarget.value))}
          >
            <option value="">any</option>
            <option value="good">good</option>
            <option value="unsure">unsure</option>
            <option value="defect">defect</option>
          </select>
        </label>
        <label class="field">
          Human
          <select
            value={filter.disagrees === undefined ? (filter.decided ?? '') : 'disagrees'}
            onChange={({ currentTarget: { value } }) => {
              set('decided', value === 'true' || value === 'false' ? value : undefined)
              set('disagrees', value === 'disagrees' ? 'true' : undefined)
            }}
          >
            <option value="">any</option>
            <option value="true">decided</option>
            <option value="false">not decided</option>
            <option value="disagrees">shadow disagrees</option>
          </select>
        </label>
        <label class="field">
          From
          <input
            type="date"
            value={dayOf(filter.from)}
            onChange={({ currentTarget }) => set('from', toTime(currentTarget.value, '00:00:00'))}
          />
        </label>
        <label class="field">
          To
          <input
            type="date"
            value={dayOf(filter.to)}
            onChange={({ currentTarget }) => set('to', toTime(currentTarget.value, '23:59:59'))}
          />
        </label>
        <span class="grow" />
        <div class="row">
          {(['csv', 'json', 'html'] as const).map((format) => (
            <a
              key={format}
              class="button"
              href={addressOf('exportInspections', {}, { ...query, format })}
              download={`inspections.${format}`}
            >
              {format.toUpperCase()}
            </a>
          ))}
        </div>
      </div>
      {list.fault !== null && <FaultNote fault={list.fault} onRetry={list.reload} />}
      {data === undefined ? (
        list.fault === null && <Waiting />
      ) : data.items.length === 0 ? (
        <Empty title={product.inspections === 0 ? 'Nothing has been inspected yet' : 'No record fits'}>
          <p>
            {product.inspections === 0 ? (
              <a class="button primary" href={`/product/${product.id}/inspect`}>
                Inspect pictures
              </a>
            ) : (
              'Take a filter away.'
            )}
          </p>
        </Empty>
      ) : (
        <table class="table records">
          <thead>
            <tr>
              <th>
                <span class="visually-hidden">Picture</span>
              </th>
              <th>Name</th>
              <th>Verdict</th>
              <th class="number">Score</th>
              <th class="number">Regions</th>
              <th>Human</th>
              <th>Time</th>
            </tr>
          </thead>
          <tbody>
            {data.items.map(({ id, name, record, decision, shadow, createdAt }) => (
              <tr key={id} onClick={() => onOpen(id)}>
                <td>
                  <img src={addressOf('readInspectionView', { inspection: id })} alt="" loading="lazy" />
                </td>
                <td>
                  <button type="button" class="link" onClick={() => onOpen(id)}>
                    {name}
                  </button>
                </td>
                <td>
                  <Verdict verdict={record.verdict} isSmall />
                  {shadow?.disagrees === true && <span class="chip">shadow: {shadow.verdict}</span>}
                </td>
                <td class="number">{formatScore(record.score)}</td>
                <td class="number">{record.regions.length}</td>
                <td>{decision === null ? '' : `${decision.verdict}, ${decision.by}`}</td>
                <td class="soft">{formatTime(createdAt)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {data?.next != null && (
        <button type="button" onClick={() => void attempt(more)}>
          Show more
        </button>
      )}
    </section>
  )
}

function verdictOf(value: string): Filter['verdict'] | undefined {
  return value === 'good' || value === 'defect' || value === 'unsure' ? value : undefined
}

/** A day of the user's own clock as a time. */
function toTime(day: string, clock: string): string | undefined {
  return day === '' ? undefined : new Date(`${day}T${clock}`).toISOString()
}
