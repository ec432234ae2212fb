/** The four counts of a threshold, and what they were before. */
import { formatPercent } from '../../part/number.ts'
import type { Confusion } from './confusion.ts'

export function Counts({ now, before }: { now: Confusion; before: Confusion | null }) {
  const cells = [
    {
      key: 'found',
      text: 'defects found',
      tone: 'good',
      note: `${formatPercent(now.foundShare)} of the defects`,
    },
    { key: 'missed', text: 'defects missed', tone: 'defect', note: 'called good' },
    {
      key: 'falseAlarms',
      text: 'false alarms',
      tone: 'unsure',
      note: `${formatPercent(now.falseAlarmShare)} of the good`,
    },
    { key: 'passed', text: 'good passed', tone: 'good', note: 'called good' },
  ] as const
  return (
    <dl class="counts" aria-live="polite">
      {cells.map(({ key, text, tone, note }) => (
        <div key={key} class={now[key] > 0 ? tone : 'none'}>
          <dt>{text}</dt>
          <dd>
            {now[key]}
            {before !== null && before[key] !== now[key] && (
              <span class="change">
                {now[key] > before[key] ? '+' : '−'}
                {Math.abs(now[key] - before[key])}
              </span>
            )}
          </dd>
          <dd class="soft">{note}</dd>
        </div>
      ))}
    </dl>
  )
}
