/** The source file in which the package registers its embedded weights. */
import type { EmbeddedWeights } from '../../packages/core/src/backbone/efficientnet-lite/entry.ts'

export function registryText(entries: readonly EmbeddedWeights[]): string {
  const types = entries.map(({ variant }) => `  readonly ${variant}: EmbeddedWeights\n`)
  const list = entries.map(
    (e) => `  ${e.variant}: {
    variant: '${e.variant}',
    lastTap: '${e.lastTap}',
    origin:
      '${e.origin}',
    sha256: '${e.sha256}',
    fileBytes: ${String(e.fileBytes).replace(/\B(?=(\d{3})+$)/g, '_')},
  },
`,
  )
  return `/** What tools/embed-backbone put into packages/core/assets. Written by that tool: run it again instead of editing. */
import type { EmbeddedWeights } from './entry.ts'

export const embeddedWeights: {
${types.join('')}} = {
${list.join('')}}
`
}
