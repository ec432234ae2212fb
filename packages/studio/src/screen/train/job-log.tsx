/** The log of a job, growing while it runs. */
import type { JobLine } from '@assay/contract/api'
import { useEffect, useRef, useState } from 'preact/hooks'
import { watchJobs } from '../../client/event.ts'
import { Dialog } from '../../part/dialog.tsx'
import { jobs, jobWords, putJob } from '../../state/job.ts'

export function JobLog({ job, onClose }: { job: string; onClose: () => void }) {
  const [lines, setLines] = useState<readonly JobLine[]>([])
  const [level, setLevel] = useState<'all' | 'warning'>('all')
  const box = useRef<HTMLOListElement>(null)
  useEffect(() => {
    const known = new Map<number, JobLine>()
    return watchJobs(job, {
      onJob: putJob,
      onLine: (line) => {
        known.set(line.number, line)
        setLines([...known.values()])
      },
    })
  }, [job])
  useEffect(() => {
    const { current } = box
    if (current !== null) current.scrollTop = current.scrollHeight
  }, [lines])
  const kind = jobs.value.get(job)?.request.kind ?? 'train'
  const shown = lines.filter((line) => level === 'all' || line.level !== 'info')
  const text = (): string => shown.map((line) => `${line.at} ${line.level} ${line.text}`).join('\n')
  return (
    <Dialog
      title={`Log of the ${jobWords[kind].toLowerCase()}`}
      isWide
      onClose={onClose}
      foot={
        <>
          <label class="check grow">
            <input
              type="checkbox"
              checked={level === 'warning'}
              onChange={({ currentTarget }) => setLevel(currentTarget.checked ? 'warning' : 'all')}
            />
            Only warnings and errors
          </label>
          <a
            class="button"
            download="job.log"
            href={`data:text/plain;charset=utf-8,${encodeURIComponent(text())}`}
          >
            Save
          </a>
        </>
      }
    >
      <ol ref={box} class="log" tabIndex={0} aria-label="Lines">
        {shown.map((line) => (
          <li key={line.number} class={line.level}>
            <time>{line.at.slice(11, 19)}</time>
            {line.text}
          </li>
        ))}
      </ol>
      {shown.length === 0 && <p class="soft">It has said nothing.</p>}
    </Dialog>
  )
}
