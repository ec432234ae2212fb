/** What the server asks of the process that decodes pictures. */
import type { PictureFacts } from '../services.ts'

export type PictureRequest = { readonly path: string; readonly maxPixels: number } & (
  | { readonly kind: 'examine'; readonly name: string }
  | { readonly kind: 'view'; readonly side: number }
  | { readonly kind: 'mask'; readonly name: string; readonly width: number; readonly height: number }
  | { readonly kind: 'map'; readonly threshold: number; readonly scale: number }
)

export type PictureReply = { readonly facts: PictureFacts } | { readonly bytes: Uint8Array }
