/** Decodes pictures for screens and checks. Started by `pictures.ts` only. */
import { AssayError } from '@assay/contract'
import {
  decodeFloatTiff,
  encodeMaskPng,
  encodePng,
  encodeWebp,
  openPicture,
  readImageHeader,
  readMask,
  resizeBilinear,
  toRgb8,
} from '@assay/core'
import { readFile } from 'node:fs/promises'
import { answer } from '../child/answer.ts'
import type { PictureFacts } from '../services.ts'
import type { PictureReply, PictureRequest } from './message.ts'

answer<PictureReply>(async (request: PictureRequest) => {
  switch (request.kind) {
    case 'examine':
      return { facts: await examine(request.path, request.name, request.maxPixels) }
    case 'view':
      return { bytes: await view(request.path, request.side, request.maxPixels) }
    case 'mask': {
      const { path, name, width, height, maxPixels } = request
      await refuseLarge(path, name, maxPixels)
      return { bytes: await encodeMaskPng(await readMask(path, { name, width, height }), width, height) }
    }
    case 'map':
      return { bytes: await drawMap(request.path, request.threshold, request.scale) }
    default:
      return request satisfies never
  }
})

async function examine(path: string, name: string, maxPixels: number): Promise<PictureFacts> {
  const { width, height, channels, depth, format } = await refuseLarge(path, name, maxPixels)
  await using picture = await openPicture(path, { name, maxPixels })
  // A large picture is decoded row by row; what is wrong with it shows now.
  await picture.rows(picture.height - 1, 1)
  return { width, height, channels, depth, format }
}

async function refuseLarge(path: string, name: string, limit: number): ReturnType<typeof readImageHeader> {
  const header = await readImageHeader(path, { name })
  const { width, height } = header
  if (width * height > limit) throw new AssayError('IMAGE_TOO_LARGE', { path: name, width, height, limit })
  return header
}

async function view(path: string, side: number, maxPixels: number): Promise<Uint8Array> {
  await using picture = await openPicture(path, { maxPixels })
  const { width, height } = picture.whole
  const { pixels } = toRgb8(picture.whole)
  const shrink = Math.min(1, side / Math.max(width, height))
  const w = Math.max(1, Math.round(width * shrink))
  const h = Math.max(1, Math.round(height * shrink))
  return await encodeWebp(shrink === 1 ? pixels : resizeBilinear(pixels, width, height, 3, w, h), w, h, 3)
}

async function drawMap(path: string, threshold: number, scale: number): Promise<Uint8Array> {
  const { width, height, plane } = decodeFloatTiff(await readFile(path))
  const grey = Uint8Array.from(plane, (raw) => Math.round(255 / (1 + Math.exp((threshold - raw) / scale))))
  return await encodePng(grey, width, height, 1)
}
