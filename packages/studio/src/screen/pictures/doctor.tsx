/** The doctor of the training set: it looks when asked, as that takes a while for many pictures. */
import type { Finding } from '@assay/contract/api'
import { useState } from 'preact/hooks'
import { addressOf, call } from '../../client/request.ts'
import { FaultNote, Waiting } from '../../part/notice.tsx'
import { useLoad } from '../../state/load.ts'
import { may } from '../../state/session.ts'
import { attempt } from '../../state/toast.ts'

interface DoctorProps {
  readonly product: string
  /** Shows these pictures, which are in a bucket, as chosen. */
  readonly onChoose: (images: readonly string[], bucket: 'good' | 'defect' | 'unsorted') => void
  readonly isKnown: (image: string) => boolean
}

const kindWords: Readonly<Record<Finding['kind'], string>> = {
  duplicate: 'Repeated',
  blurred: 'Blurred',
  dark: 'Dark',
  bright: 'Bright',
  outlier: 'Unlike the others',
  size: 'Of another size',
}

export function Doctor({ product, onChoose, isKnown }: DoctorProps) {
  const [asked, setAsked] = useState(0)
  const found = useLoad(asked === 0 ? null : `doctor ${product} ${asked}`, (signal) =>
    call('examineProduct', { product, signal }),
  )
  const items = found.data?.items
  const show = async (images: readonly string[]): Promise<void> => {
    const [first] = images
    if (first === undefined) return
    if (isKnown(first)) return onChoose(images, 'good')
    onChoose(images, (await call('readImage', { image: first })).bucket)
  }
  return (
    <section class="stack">
      <h2>Doctor</h2>
      <p class="soft">Looks for repeated, blurred, badly lit and strange pictures, which spoil a training.</p>
      {found.fault !== null && <FaultNote fault={found.fault} />}
      {found.isLoading ? (
        <Waiting what="Examining every picture" />
      ) : (
        <button type="button" disabled={!may('engineer')} onClick={() => setAsked((n) => n + 1)}>
          {items === undefined ? 'Examine the pictures' : 'Examine again'}
        </button>
      )}
      {items?.length === 0 && <p class="note good">Nothing was found.</p>}
      {items !== undefined &&
        [...Map.groupBy(items, ({ kind }) => kind)].map(([kind, findings]) => (
          <details key={kind} class="findings" open>
            <summary>
              {kindWords[kind]} <span class="count">{findings.length}</span>
              <button
                type="button"
                class="link"
                onClick={(event) => {
                  event.preventDefault()
                  void attempt(() => show(findings.map(({ image }) => image)))
                }}
              >
                Choose them
              </button>
            </summary>
            <ul>
              {findings.slice(0, 50).map((finding, i) => (
                <li key={i}>
                  <button
                    type="button"
                    class="finding"
                    onClick={() => void attempt(() => show([finding.image]))}
                  >
                    <img
                      src={addressOf('readImageThumbnail', { image: finding.image })}
                      alt=""
                      loading="lazy"
                    />
                    <span>{finding.text}</span>
                  </button>
                </li>
              ))}
            </ul>
          </details>
        ))}
    </section>
  )
}
