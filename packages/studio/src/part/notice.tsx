/** What stands where there is nothing yet, where something is awaited, and where something went wrong. */
import type { ComponentChildren } from 'preact'
import type { Fault } from '../client/fault.ts'

export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <b>{title}</b>
      {children}
    </div>
  )
}

export function FaultNote({ fault, onRetry }: { fault: Fault; onRetry?: () => void }) {
  return (
    <div class="note defect" role="alert">
      <p>
        {fault.message}
        {fault.hint !== '' && <small>{fault.hint}</small>}
      </p>
      {onRetry !== undefined && (
        <button type="button" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  )
}

export function Waiting({ what = 'Loading' }: { what?: string }) {
  return (
    <div class="waiting" role="status">
      <span class="spinner" aria-hidden="true" />
      {what}…
    </div>
  )
}
