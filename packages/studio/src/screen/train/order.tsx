/** What a training is to be: the choices, with proposals that are right for most parts. */
import type { ApiProduct, JobRequest } from '@assay/contract/api'
import { useState } from 'preact/hooks'
import { call } from '../../client/request.ts'
import { formatRate } from '../../part/number.ts'
import { putJob } from '../../state/job.ts'
import { may } from '../../state/session.ts'
import { attempt, tell } from '../../state/toast.ts'

type TrainRequest = Extract<JobRequest, { kind: 'train' }>

const methods: readonly {
  readonly name: TrainRequest['method']
  readonly text: string
  readonly hint: string
}[] = [
  { name: 'auto', text: 'Choose for me', hint: 'Compares methods on your pictures and takes the best' },
  { name: 'cras', text: 'CRAS', hint: 'Small and large defects; the usual choice' },
  { name: 'patchcore', text: 'PatchCore', hint: 'A memory of good patches; little to go wrong' },
  { name: 'padim', text: 'PaDiM', hint: 'Fast, for parts that lie exactly alike' },
  { name: 'robis', text: 'RoBiS', hint: 'Fine defects in large pictures; slow' },
]

const profiles: readonly {
  readonly name: TrainRequest['profile']
  readonly text: string
  readonly hint: string
}[] = [
  { name: 'fast', text: 'Fast', hint: 'For a first look' },
  { name: 'balanced', text: 'Balanced', hint: 'For the line' },
  { name: 'accurate', text: 'Accurate', hint: 'When time matters less' },
]

const rates = [0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001]

export function Order({ product }: { product: ApiProduct }) {
  const [method, setMethod] = useState<TrainRequest['method']>('auto')
  const [profile, setProfile] = useState<TrainRequest['profile']>('balanced')
  const [minutes, setMinutes] = useState('')
  const [windowPx, setWindowPx] = useState('')
  const [rate, setRate] = useState(0)
  const [activate, setActivate] = useState(true)
  const [isBusy, setIsBusy] = useState(false)
  const canTrain = product.images.good >= 2
  const start = async (event: Event): Promise<void> => {
    event.preventDefault()
    setIsBusy(true)
    const job = await attempt(() =>
      call('createJob', {
        body: {
          kind: 'train',
          product: product.id,
          method,
          profile,
          activate,
          aims: rate === 0 ? {} : { falseAlarms: rate },
          ...(minutes === '' ? {} : { minutes: Number(minutes) }),
          ...(windowPx === '' ? {} : { window: Number(windowPx) }),
        },
      }),
    )
    setIsBusy(false)
    if (job === undefined) return
    putJob(job)
    tell('The training is queued.', () => call('cancelJob', { job: job.id }).then(putJob))
  }
  return (
    <form class="stack" onSubmit={(event) => void start(event)}>
      <fieldset class="choice">
        <legend>Method</legend>
        {methods.map(({ name, text, hint }) => (
          <label key={name}>
            <input type="radio" name="method" checked={method === name} onChange={() => setMethod(name)} />
            <span>
              {text}
              <small>{hint}</small>
            </span>
          </label>
        ))}
      </fieldset>
      <fieldset class="choice three">
        <legend>Profile</legend>
        {profiles.map(({ name, text, hint }) => (
          <label key={name}>
            <input type="radio" name="profile" checked={profile === name} onChange={() => setProfile(name)} />
            <span>
              {text}
              <small>{hint}</small>
            </span>
          </label>
        ))}
      </fieldset>
      <label class="field">
        False alarms
        <select value={String(rate)} onChange={({ currentTarget }) => setRate(Number(currentTarget.value))}>
          <option value="0">as proposed</option>
          {rates.map((share) => (
            <option key={share} value={String(share)}>
              at most {formatRate(share)} good parts
            </option>
          ))}
        </select>
      </label>
      <div class="two">
        <label class="field">
          Budget, minutes
          <input
            type="number"
            min="1"
            max="10080"
            placeholder="no limit"
            value={minutes}
            onInput={({ currentTarget }) => setMinutes(currentTarget.value)}
          />
        </label>
        <label class="field">
          Windows, pixels
          <input
            type="number"
            min="64"
            max="8192"
            placeholder="whole picture"
            value={windowPx}
            onInput={({ currentTarget }) => setWindowPx(currentTarget.value)}
          />
        </label>
      </div>
      <label class="check">
        <input
          type="checkbox"
          checked={activate}
          onChange={({ currentTarget }) => setActivate(currentTarget.checked)}
        />
        The new model inspects from then on
      </label>
      <button type="submit" class="primary large" disabled={isBusy || !canTrain || !may('engineer')}>
        Start training
      </button>
      <p class="soft">
        {canTrain
          ? `${product.images.good} good pictures are there.`
          : 'A training needs at least two pictures of good parts.'}
      </p>
    </form>
  )
}
