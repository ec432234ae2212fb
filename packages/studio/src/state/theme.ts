/** Light, dark, or as the system has it; kept in this browser. */
import { effect, signal } from '@preact/signals'

const themes = ['system', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

const place = 'assay-theme'

export const theme = signal<Theme>(readTheme())

export function nextTheme(): void {
  theme.value = themes[(themes.indexOf(theme.value) + 1) % themes.length] ?? 'system'
}

export function followTheme(): void {
  effect(() => {
    document.documentElement.dataset['theme'] = theme.value
    localStorage.setItem(place, theme.value)
  })
}

function readTheme(): Theme {
  const kept = localStorage.getItem(place)
  return themes.find((name) => name === kept) ?? 'system'
}
