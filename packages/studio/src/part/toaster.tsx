/** The messages at the edge of the page, announced to those who hear it. */
import { dismiss, runUndo, toasts } from '../state/toast.ts'
import { Icon } from './icon.tsx'

export function Toaster() {
  return (
    <div class="toaster" role="region" aria-label="Messages" aria-live="polite">
      {toasts.value.map((toast) => (
        <div key={toast.id} class={`toast ${toast.kind}`}>
          <p>
            {toast.text}
            {toast.hint !== '' && <small>{toast.hint}</small>}
          </p>
          {toast.undo !== null && (
            <button type="button" onClick={() => runUndo(toast)}>
              Undo
            </button>
          )}
          <button type="button" class="plain" aria-label="Dismiss" onClick={() => dismiss(toast.id)}>
            <Icon name="close" size={15} />
          </button>
        </div>
      ))}
    </div>
  )
}
