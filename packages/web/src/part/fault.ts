/** Errors as the elements show and announce them. */
import { html, type Markup } from '@assay/core/browser'
import { WorkerFault } from '../worker/client.ts'
import type { Fault } from '../worker/message.ts'

export function faultOf(error: unknown): Fault {
  if (error instanceof WorkerFault) return { code: error.code, message: error.message, hint: error.hint }
  return { code: null, message: error instanceof Error ? error.message : String(error), hint: '' }
}

/** What is wrong, and below it what to do. */
export function faultText({ message, hint }: Fault): Markup {
  return html`<div>${message}${hint === '' ? null : html`<small>${hint}</small>`}</div>
    <button type="button" data-do="dismiss" aria-label="Dismiss this message">OK</button>`
}
