/** How inspections are shown; the same on every screen, until the page is left. */
import { signal } from '@preact/signals'

export const viewModes = ['overlay', 'beside', 'reveal'] as const
export type ViewMode = (typeof viewModes)[number]

export const viewMode = signal<ViewMode>('overlay')
/** Of the heat map, 0 to 1. */
export const heatOpacity = signal(0.75)
export const hasHeat = signal(true)
export const hasOutline = signal(true)
export const hasBoxes = signal(true)
/** Place of the reveal slider, 0 to 1 of the view. */
export const revealAt = signal(0.5)
