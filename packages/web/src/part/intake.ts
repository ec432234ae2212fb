/** Listens for files that are dropped on an element or pasted while it is used. */
import { filesOf } from '../source/picture.ts'

/** Calls `take` with what came; `veil` is shown while something hangs over the element. Gives the way to stop. */
export function listenForFiles(
  element: HTMLElement,
  veil: HTMLElement,
  take: (files: readonly File[]) => void,
): AbortController {
  const stop = new AbortController()
  const { signal } = stop
  let depth = 0
  const show = (change: number): void => {
    depth = Math.max(0, depth + change)
    veil.hidden = depth === 0
  }
  element.addEventListener('dragenter', () => show(1), { signal })
  element.addEventListener('dragleave', () => show(-1), { signal })
  element.addEventListener('dragover', (event) => event.preventDefault(), { signal })
  element.addEventListener(
    'drop',
    (event) => {
      event.preventDefault()
      show(-Infinity)
      if (event.dataTransfer !== null) void filesOf(event.dataTransfer).then(take)
    },
    { signal },
  )
  // A paste goes to what has the focus, which is often the page itself.
  document.addEventListener(
    'paste',
    ({ clipboardData }) => {
      const files = [...(clipboardData?.files ?? [])]
      if (files.length > 0 && element.matches(':hover, :focus-within')) take(files)
    },
    { signal },
  )
  return stop
}
