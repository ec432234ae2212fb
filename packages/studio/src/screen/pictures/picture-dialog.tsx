/** One picture of the material, large, with its kind of defect and the place of it. */
import type { ApiImage } from '@assay/contract/api'
import { useMemo } from 'preact/hooks'
import { addressOf, call } from '../../client/request.ts'
import { Dialog } from '../../part/dialog.tsx'
import { Icon } from '../../part/icon.tsx'
import { formatBytes, formatTime } from '../../part/number.ts'
import { attempt, tell } from '../../state/toast.ts'
import { PartView } from '../../view/part-view.tsx'
import { createZoom } from '../../view/zoom.ts'
import { changePictures } from './change.ts'

interface PictureDialogProps {
  readonly image: ApiImage
  readonly position: string
  readonly canEdit: boolean
  readonly onStep: (step: number) => void
  readonly onChanged: () => void
  readonly onClose: () => void
}

export function PictureDialog({ image, position, canEdit, onStep, onChanged, onClose }: PictureDialogProps) {
  const zoom = useMemo(createZoom, [image.id])
  const setKind = async (defect: string): Promise<void> => {
    const value = defect.trim() === '' ? null : defect.trim()
    if (value !== image.defect) await changePictures(image.product, [image], { defect: value }, onChanged)
  }
  const setMask = async (file: File | undefined): Promise<void> => {
    if (file === undefined) return
    const body = new FormData()
    body.append('file', file, file.name)
    await call('writeImageMask', { image: image.id, body })
    onChanged()
    tell('The place of the defect is known now.')
  }
  const isShown = /\.(?:png|jpe?g|webp|bmp)$/i.test(image.name)
  return (
    <Dialog
      title={image.name}
      isWide
      onClose={onClose}
      foot={
        <>
          {image.bucket === 'defect' && (
            <>
              <label class="inline">
                Kind of defect
                <input
                  type="text"
                  maxLength={80}
                  disabled={!canEdit}
                  defaultValue={image.defect ?? ''}
                  key={image.id}
                  onChange={({ currentTarget }) => void attempt(() => setKind(currentTarget.value))}
                />
              </label>
              <label class="button">
                {image.hasMask ? 'Replace its mask' : 'Add its mask'}
                <input
                  type="file"
                  accept=".png,.bmp,.tif,.tiff"
                  disabled={!canEdit}
                  onChange={({ currentTarget }) => void attempt(() => setMask(currentTarget.files?.[0]))}
                />
              </label>
            </>
          )}
          <span class="soft grow">
            {image.width} × {image.height} · {formatBytes(image.bytes)} · {image.source} ·{' '}
            {formatTime(image.createdAt)}
          </span>
          <button type="button" aria-label="Previous picture" onClick={() => onStep(-1)}>
            <Icon name="left" />
          </button>
          <span class="soft">{position}</span>
          <button type="button" aria-label="Next picture" onClick={() => onStep(1)}>
            <Icon name="right" />
          </button>
        </>
      }
    >
      <div
        class="dialog-stage"
        tabIndex={0}
        role="group"
        aria-label="Picture; arrow keys go to the next"
        onKeyDown={({ key }) =>
          key === 'ArrowRight' ? onStep(1) : key === 'ArrowLeft' ? onStep(-1) : undefined
        }
      >
        <PartView
          label={image.name}
          src={addressOf(isShown ? 'readImageFile' : 'readImageThumbnail', { image: image.id })}
          size={image}
          zoom={zoom}
        />
      </div>
    </Dialog>
  )
}
