/** What the server asks its judging processes. */
import type { Card } from '@assay/contract'
import type { InspectedPaths } from './inspect-file.ts'

/** A model as the pool knows it: files never change, so an id stands for one for ever. */
export interface ModelFile {
  readonly id: string
  readonly path: string
}

interface JudgeSettings {
  readonly threads: number
  /** Models that stay open. */
  readonly openModels: number
  readonly maxPixels: number
}

export type JudgeRequest = { readonly model: ModelFile; readonly settings: JudgeSettings } & (
  | { readonly kind: 'open' }
  | {
      readonly kind: 'inspect'
      readonly picture: string
      readonly name: string
      /** Where the files go. */
      readonly map: string
      readonly mask: string
    }
)

export type JudgeReply =
  | { readonly kind: 'opened'; readonly card: Card }
  | ({ readonly kind: 'inspected' } & InspectedPaths)
