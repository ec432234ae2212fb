/** Whether the studio answers, and how often it has come back: what shows old things asks again then. */
import { signal } from '@preact/signals'

export const isConnected = signal(true)
/** Counts up each time the studio answers again after it did not. */
export const revival = signal(0)

export function noteAnswer(): void {
  if (isConnected.peek()) return
  isConnected.value = true
  revival.value++
}

export function noteSilence(): void {
  isConnected.value = false
}
