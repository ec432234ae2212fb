/**
 * Builds HTML and SVG text in which every value is escaped unless it is markup already.
 *
 * Pages are made from file names, product names and error texts of strangers; escaping by default leaves
 * no place where it can be forgotten. There is no DOM and no template language.
 */

/** Text that is safe to put between tags or inside a quoted attribute. */
export interface Markup {
  readonly markup: string
}

type Value = string | number | Markup | readonly Markup[] | null | undefined | false

/** Tag of a template: `` html`<td>${name}</td>` ``. Strings are escaped, nothing comes of null and false. */
export function html(strings: TemplateStringsArray, ...values: readonly Value[]): Markup {
  let markup = strings[0] ?? ''
  for (const [i, value] of values.entries()) markup += toText(value) + (strings[i + 1] ?? '')
  return { markup }
}

/** Marks text of our own, such as a style sheet, as markup. Never for anything that came from outside. */
export function trusted(markup: string): Markup {
  return { markup }
}

/** Escapes text for HTML and SVG, between tags and inside attributes with either kind of quote. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']|(?![\t\n\r])\p{Cc}/gu, (c) => escapes[c] ?? '\ufffd')
}

/** A relative file path as a link: each part percent-encoded, so that `#`, `%` and `?` stay in the name. */
export function toHref(path: string): string {
  return path.split('/').map(encodePart).join('/')
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function encodePart(part: string): string {
  // A lone surrogate, possible in file names on Windows, cannot be percent-encoded.
  return encodeURIComponent(part.toWellFormed())
}

function toText(value: Value): string {
  if (value === null || value === undefined || value === false) return ''
  if (typeof value === 'string') return escapeHtml(value)
  if (typeof value === 'number') return String(value)
  if ('markup' in value) return value.markup
  return value.map((part) => part.markup).join('')
}
