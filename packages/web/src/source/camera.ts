/** The camera as a dialogue: look, take pictures, close. */
import { html } from '@assay/core/browser'

/** Whether this browser has cameras to ask for; only secure pages do. */
export function hasCamera(): boolean {
  return 'mediaDevices' in navigator
}

/**
 * Opens the dialogue inside `root` and hands every picture taken to `take`, as a canvas of the camera's own
 * size. Resolves when it is closed; rejects when the camera may not or cannot be used.
 */
export async function openCamera(
  root: ShadowRoot,
  take: (picture: HTMLCanvasElement, name: string) => void,
): Promise<void> {
  const stream = await navigator.mediaDevices.getUserMedia({
    video: { facingMode: 'environment', width: { ideal: 4096 }, height: { ideal: 4096 } },
  })
  const dialog = document.createElement('dialog')
  dialog.setAttribute('aria-label', 'Camera')
  dialog.innerHTML = html`<video autoplay muted playsinline></video>
    <div class="actions">
      <button type="button" data-do="close">Close</button>
      <button type="button" class="primary" data-do="take">Take picture</button>
    </div>`.markup
  root.append(dialog)
  const video = dialog.querySelector('video')
  if (video === null) throw new Error('internal: a dialogue without its video')
  video.srcObject = stream
  let count = 0
  dialog.addEventListener('click', ({ target }) => {
    const wanted = target instanceof HTMLElement ? target.dataset['do'] : undefined
    if (wanted === 'close') dialog.close()
    if (wanted === 'take') take(drawFrame(video), `camera-${String(++count).padStart(3, '0')}.png`)
  })
  try {
    dialog.showModal()
    await new Promise((resolve) => dialog.addEventListener('close', resolve, { once: true }))
  } finally {
    for (const track of stream.getTracks()) track.stop()
    dialog.remove()
  }
}

function drawFrame(video: HTMLVideoElement): HTMLCanvasElement {
  const canvas = document.createElement('canvas')
  canvas.width = video.videoWidth
  canvas.height = video.videoHeight
  canvas.getContext('2d')?.drawImage(video, 0, 0)
  return canvas
}
