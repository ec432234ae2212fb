/** Where pictures come in: dropped anywhere on it, pasted, chosen, a folder, or from a camera. */
import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { NamedFile } from '../client/upload.ts'
import { attempt } from '../state/toast.ts'
import { Camera } from './camera.tsx'
import { filesOfDrop, filesOfList, pictureTypes } from './file.ts'
import { Icon } from './icon.tsx'

interface IntakeProps {
  readonly onFiles: (files: readonly NamedFile[], source: 'upload' | 'camera') => void
  readonly isDisabled?: boolean
  readonly children: ComponentChildren
}

/** The zone in which files can be dropped; `IntakeButtons` go anywhere inside. */
export function Intake({ onFiles, isDisabled = false, children }: IntakeProps) {
  const [depth, setDepth] = useState(0)
  const latest = useRef(onFiles)
  latest.current = onFiles
  const take = (files: readonly NamedFile[]): void => {
    if (files.length > 0 && !isDisabled) latest.current(files, 'upload')
  }
  useEffect(() => {
    const paste = ({ clipboardData }: ClipboardEvent): void => take(filesOfList(clipboardData?.files ?? null))
    document.addEventListener('paste', paste)
    return () => document.removeEventListener('paste', paste)
  }, [isDisabled])
  const hasFiles = ({ dataTransfer }: DragEvent): boolean => dataTransfer?.types.includes('Files') === true
  return (
    <div
      class="intake"
      onDragEnter={(event) => hasFiles(event) && setDepth((n) => n + 1)}
      onDragLeave={(event) => hasFiles(event) && setDepth((n) => Math.max(0, n - 1))}
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault()
        setDepth(0)
        if (event.dataTransfer === null) return
        const found = filesOfDrop(event.dataTransfer)
        void attempt(async () => take(await found))
      }}
    >
      {children}
      {depth > 0 && !isDisabled && (
        <div class="veil">
          <Icon name="upload" size={28} />
          Drop pictures or a folder
        </div>
      )}
    </div>
  )
}

export function IntakeButtons({ onFiles, isDisabled = false }: Omit<IntakeProps, 'children'>) {
  const [hasCamera, setHasCamera] = useState(false)
  const choose = (event: Event): void => {
    const { target } = event
    if (!(target instanceof HTMLInputElement)) return
    const files = filesOfList(target.files)
    target.value = ''
    if (files.length > 0) onFiles(files, 'upload')
  }
  return (
    <>
      <label class="button primary">
        <Icon name="upload" />
        Choose pictures
        <input type="file" multiple accept={pictureTypes} disabled={isDisabled} onChange={choose} />
      </label>
      <label class="button">
        Folder
        <input
          type="file"
          multiple
          disabled={isDisabled}
          onChange={choose}
          ref={(input: HTMLInputElement | null) => {
            if (input !== null) input.webkitdirectory = true
          }}
        />
      </label>
      <button type="button" disabled={isDisabled} onClick={() => setHasCamera(true)}>
        <Icon name="camera" />
        Camera
      </button>
      {hasCamera && (
        <Camera
          onClose={() => setHasCamera(false)}
          onPicture={(name, file) => onFiles([{ name, file }], 'camera')}
        />
      )}
    </>
  )
}
