/** The frame around every report page: head, masthead, main part and foot, in one self-contained file. */
import type { Card } from '@assay/contract'
import { html, toHref, trusted, type Markup } from './markup.ts'
import { styleSheet } from './style.ts'
import { findingSymbols } from './verdict.ts'

export interface PageLink {
  readonly label: string
  /** Relative path of the other page. */
  readonly path: string
}

export interface PageFrame {
  readonly title: string
  /** One or two words above the title, such as "Inspection". */
  readonly kind: string
  readonly facts: readonly Markup[]
  readonly links: readonly PageLink[]
  readonly main: Markup
  readonly script?: string
}

/** A whole document that loads nothing from the network. */
export function renderPage(frame: PageFrame): string {
  const { title, kind, facts, links, main, script } = frame
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="generator" content="Assay" />
        <title>${title} · ${kind}</title>
        <link rel="icon" href="data:," />
        <style>
          ${trusted(styleSheet)}
        </style>
      </head>
      <body>
        ${findingSymbols}
        <header class="masthead">
          <p class="kind">
            ${kind}${links.map((link) => html`<a href="${toHref(link.path)}">${link.label}</a>`)}
          </p>
          <h1>${title}</h1>
          <ul class="facts">
            ${facts.map((fact) => html`<li>${fact}</li>`)}
          </ul>
        </header>
        <main>${main}</main>
        <footer class="foot">
          Made by Assay. Everything on this page is in this folder; nothing is loaded from elsewhere.
        </footer>
        ${
          script === undefined
            ? null
            : html`<script>
                ${trusted(script)}
              </script>`
        }
      </body>
    </html> `.markup
}

/** What a reader must know about the model: method, backbone, profile, and whether it peeked. */
export function modelFacts(model: string, card: Card): Markup[] {
  const mode = card.recipe.mode === 'paper' ? ', as published (paper mode)' : ''
  return [
    html`Model <b>${model}</b>`,
    html`Method <b>${card.method}</b> on <b>${card.weights.backbone}</b>${mode}`,
    html`Profile <b>${card.recipe.profile}</b>, seed <b>${card.recipe.seed}</b>`,
  ]
}
