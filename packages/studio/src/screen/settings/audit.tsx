/** What was changed, when and by whom. */
import { call } from '../../client/request.ts'
import { FaultNote, Waiting } from '../../part/notice.tsx'
import { formatTime } from '../../part/number.ts'
import { useLoad } from '../../state/load.ts'
import { attempt } from '../../state/toast.ts'

export function Audit() {
  const list = useLoad('audit', (signal) => call('listAudit', { query: { limit: 100 }, signal }))
  const { data } = list
  const more = async (): Promise<void> => {
    if (data?.next == null) return
    const next = await call('listAudit', { query: { limit: 100, cursor: data.next } })
    list.set({ items: [...data.items, ...next.items], next: next.next })
  }
  if (list.fault !== null) return <FaultNote fault={list.fault} onRetry={list.reload} />
  if (data === undefined) return <Waiting />
  return (
    <section class="pane stack" aria-label="What was done">
      <table class="table">
        <thead>
          <tr>
            <th>Time</th>
            <th>Who</th>
            <th>What</th>
            <th>Detail</th>
          </tr>
        </thead>
        <tbody>
          {data.items.map((entry) => (
            <tr key={entry.id}>
              <td class="soft">{formatTime(entry.at)}</td>
              <td>{entry.by}</td>
              <td>{entry.action}</td>
              <td>
                <code class="clip">{JSON.stringify(entry.detail)}</code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {data.next !== null && (
        <button type="button" onClick={() => void attempt(more)}>
          Show more
        </button>
      )}
    </section>
  )
}
