/** Takes pictures with a camera of this machine, without loss. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { toFault, type Fault } from '../client/fault.ts'
import { Dialog } from './dialog.tsx'
import { FaultNote } from './notice.tsx'

interface CameraProps {
  readonly onPicture: (name: string, picture: Blob) => void
  readonly onClose: () => void
}

export function Camera({ onPicture, onClose }: CameraProps) {
  const video = useRef<HTMLVideoElement>(null)
  const [devices, setDevices] = useState<readonly MediaDeviceInfo[]>([])
  const [device, setDevice] = useState('')
  const [fault, setFault] = useState<Fault | null>(null)
  const [taken, setTaken] = useState(0)
  useEffect(() => {
    let stream: MediaStream | undefined
    let isOver = false
    const open = async (): Promise<void> => {
      // A page that came by plain HTTP from another machine has no cameras.
      if (!('mediaDevices' in navigator)) throw new Error('The browser gives a camera only to secure pages.')
      const wanted = { width: { ideal: 4096 }, height: { ideal: 4096 } }
      stream = await navigator.mediaDevices.getUserMedia({
        video: device === '' ? wanted : { ...wanted, deviceId: { exact: device } },
      })
      if (isOver || video.current === null) return
      video.current.srcObject = stream
      await video.current.play()
      const all = await navigator.mediaDevices.enumerateDevices()
      setDevices(all.filter(({ kind }) => kind === 'videoinput'))
      setFault(null)
    }
    open().catch((error: unknown) => isOver || setFault(toFault(error)))
    return () => {
      isOver = true
      stream?.getTracks().forEach((track) => track.stop())
    }
  }, [device])
  const take = async (): Promise<void> => {
    const { current } = video
    if (current === null || current.videoWidth === 0) return
    const canvas = new OffscreenCanvas(current.videoWidth, current.videoHeight)
    canvas.getContext('2d')?.drawImage(current, 0, 0)
    const stamp = new Date().toISOString().replaceAll(/[-:]/g, '').slice(0, 18)
    onPicture(`camera-${stamp}.png`, await canvas.convertToBlob({ type: 'image/png' }))
    setTaken((n) => n + 1)
  }
  return (
    <Dialog
      title="Camera"
      isWide
      onClose={onClose}
      foot={
        <>
          {devices.length > 1 && (
            <select
              aria-label="Which camera"
              value={device}
              onChange={({ currentTarget }) => setDevice(currentTarget.value)}
            >
              {devices.map(({ deviceId, label }, i) => (
                <option key={deviceId} value={deviceId}>
                  {label === '' ? `Camera ${i + 1}` : label}
                </option>
              ))}
            </select>
          )}
          <span class="soft grow" role="status">
            {taken > 0 && `${taken} taken`}
          </span>
          <button type="button" class="primary" onClick={() => void take()}>
            Take picture
          </button>
        </>
      }
    >
      {fault !== null && <FaultNote fault={fault} />}
      <video ref={video} class="camera" muted playsInline />
    </Dialog>
  )
}
