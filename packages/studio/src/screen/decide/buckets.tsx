/** The test pictures below and above the threshold, by their scores; wrong ones are marked. */
import { useMemo, useState } from 'preact/hooks'
import { addressOf } from '../../client/request.ts'
import { Gallery } from '../../part/gallery.tsx'
import { Empty } from '../../part/notice.tsx'
import { formatScore } from '../../part/number.ts'
import { Tabs } from '../../part/tabs.tsx'
import type { Scored } from './confusion.ts'

interface BucketsProps {
  readonly scored: readonly Scored[]
  readonly threshold: number
  readonly before: number
}

type Filter = 'all' | 'wrong' | 'changed'

export function Buckets({ scored, threshold, before }: BucketsProps) {
  const [filter, setFilter] = useState<Filter>('all')
  const [isRising, setIsRising] = useState(false)
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const isWrong = ({ label, score }: Scored): boolean => score > threshold !== (label === 'defect')
  const isChanged = ({ score }: Scored): boolean => score > threshold !== score > before
  const sorted = useMemo(
    () => scored.toSorted((a, b) => (isRising ? a.score - b.score : b.score - a.score)),
    [scored, isRising],
  )
  const shown = sorted.filter(
    (one) => filter === 'all' || (filter === 'wrong' ? isWrong(one) : isChanged(one)),
  )
  const toCell = (one: Scored) => ({
    id: one.image,
    label: formatScore(one.score),
    src: addressOf('readImageThumbnail', { image: one.image }),
    one,
  })
  return (
    <section class="pane buckets" aria-label="Test pictures">
      <div class="bar tight">
        <Tabs
          label="Which pictures"
          selected={filter}
          onSelect={setFilter}
          tabs={[
            { name: 'all', text: 'All', count: scored.length },
            { name: 'wrong', text: 'Wrong', count: scored.filter(isWrong).length },
            { name: 'changed', text: 'Changed by the new threshold', count: scored.filter(isChanged).length },
          ]}
        />
        <span class="grow" />
        <button type="button" onClick={() => setIsRising((old) => !old)}>
          {isRising ? 'Lowest scores first' : 'Highest scores first'}
        </button>
      </div>
      <div class="two-galleries">
        {(['below', 'above'] as const).map((side) => {
          const items = shown.filter(({ score }) => score > threshold === (side === 'above'))
          return (
            <div key={side}>
              <h3>
                {side === 'below' ? 'Below: called good' : 'Above: called defect'}{' '}
                <span class="count">{items.length}</span>
              </h3>
              {items.length === 0 ? (
                <Empty title="None" />
              ) : (
                <Gallery
                  label={side === 'below' ? 'Pictures called good' : 'Pictures called defect'}
                  cellPx={104}
                  items={items.map(toCell)}
                  chosen={chosen}
                  onChoose={setChosen}
                  renderMark={({ one }) => (
                    <>
                      {isWrong(one) && (
                        <span class="chip wrong">{one.label === 'defect' ? 'missed' : 'false alarm'}</span>
                      )}
                      {one.label === 'defect' && <span class="chip">{one.defect ?? 'defect'}</span>}
                    </>
                  )}
                />
              )}
            </div>
          )
        })}
      </div>
    </section>
  )
}
