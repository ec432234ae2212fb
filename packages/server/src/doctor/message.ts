/** What the server asks of the doctor's process. */
import type { Finding } from '@assay/contract/api'
import type { MeasuredPicture } from './compare.ts'
import type { Measures } from './measure.ts'

export type DoctorRequest =
  | {
      readonly kind: 'measure'
      readonly path: string
      readonly name: string
      readonly maxPixels: number
      readonly threads: number
    }
  | { readonly kind: 'compare'; readonly pictures: readonly MeasuredPicture[] }

export type DoctorReply = { readonly measures: Measures } | { readonly findings: readonly Finding[] }
