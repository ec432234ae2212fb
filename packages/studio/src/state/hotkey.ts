/** Keys of what is on the screen. The newest to register comes first; "?" lists them all. */
import { signal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'

export interface Hotkey {
  /** As KeyboardEvent.key has it; letters in lower case. */
  readonly key: string
  readonly does: string
  readonly run: (event: KeyboardEvent) => void
}

export const hotkeys = signal<readonly (readonly Hotkey[])[]>([])

export function useHotkeys(keys: readonly Hotkey[]): void {
  const latest = useRef(keys)
  latest.current = keys
  const names = keys.map(({ key, does }) => `${key} ${does}`).join('\n')
  useEffect(() => {
    const layer = latest.current.map((_, i) => ({
      key: latest.current[i]?.key ?? '',
      does: latest.current[i]?.does ?? '',
      run: (event: KeyboardEvent) => latest.current[i]?.run(event),
    }))
    hotkeys.value = [layer, ...hotkeys.peek()]
    return () => {
      hotkeys.value = hotkeys.peek().filter((other) => other !== layer)
    }
  }, [names])
}

/** Keys typed into a field, or at an element that uses them itself, are not ours. */
export function listenForHotkeys(): void {
  document.addEventListener('keydown', (event) => {
    const { target, key } = event
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
    if (
      target instanceof Element &&
      target.closest('input:not([type=checkbox],[type=radio],[type=range]), textarea, select')
    )
      return
    const isDialogOpen = document.querySelector('dialog[open]') !== null
    if (isDialogOpen) return
    const pressed = key.length === 1 ? key.toLowerCase() : key
    // Buttons are pressed with these.
    if (
      (pressed === 'Enter' || pressed === ' ') &&
      target instanceof Element &&
      target.closest('button, a, [role=slider]')
    )
      return
    if (
      pressed.startsWith('Arrow') &&
      target instanceof Element &&
      target.closest('[role=slider], [type=range], [type=radio], [role=listbox], [role=tablist]')
    )
      return
    const hotkey = hotkeys.value.flat().find((one) => one.key === pressed)
    if (hotkey === undefined) return
    event.preventDefault()
    hotkey.run(event)
  })
}
