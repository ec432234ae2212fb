/** Short messages at the edge of the page; some can be taken back. */
import { signal } from '@preact/signals'
import { toFault } from '../client/fault.ts'

export interface Toast {
  readonly id: number
  readonly kind: 'done' | 'fault'
  readonly text: string
  readonly hint: string
  /** Takes back what was done. */
  readonly undo: (() => Promise<unknown>) | null
}

export const toasts = signal<readonly Toast[]>([])

const shownMs = 9000
let count = 0

export function tell(text: string, undo: (() => Promise<unknown>) | null = null): void {
  show({ id: ++count, kind: 'done', text, hint: '', undo })
}

function tellFault(error: unknown): void {
  const { message, hint } = toFault(error)
  show({ id: ++count, kind: 'fault', text: message, hint, undo: null })
}

export function dismiss(id: number): void {
  toasts.value = toasts.value.filter((toast) => toast.id !== id)
}

/** Runs what a button does; a fault is told. */
export async function attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    tellFault(error)
    return undefined
  }
}

/** Takes back the last thing that can be; false when there is none. */
export function undoLast(): boolean {
  const last = toasts.value.findLast(({ undo }) => undo !== null)
  if (last === undefined) return false
  runUndo(last)
  return true
}

export function runUndo({ id, undo }: Toast): void {
  dismiss(id)
  if (undo !== null) void attempt(undo)
}

function show(toast: Toast): void {
  toasts.value = [...toasts.value.slice(-3), toast]
  setTimeout(() => dismiss(toast.id), toast.kind === 'fault' ? 2 * shownMs : shownMs)
}
