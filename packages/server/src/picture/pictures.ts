/** Decodes pictures in a process of its own, one at a time; see `Pictures`. */
import { createPool } from '../child/pool.ts'
import type { Pictures } from '../services.ts'
import type { PictureReply, PictureRequest } from './message.ts'

export interface PicturesOptions {
  readonly maxPixels: number
  readonly processes?: number
  /** Requests that may wait. */
  readonly waiting?: number
  readonly timeoutMs?: number
}

export function createPictures(options: PicturesOptions): Pictures {
  const { maxPixels, processes = 1, waiting = 256, timeoutMs = 60_000 } = options
  const pool = createPool<PictureRequest, PictureReply>({
    file: new URL('picture-process.ts', import.meta.url),
    what: 'the decoding of a picture',
    processes,
    waiting,
    timeoutMs,
  })
  const draw = async (request: PictureRequest): Promise<Uint8Array> => {
    const reply = await pool.ask(request, { lane: request.kind })
    if (!('bytes' in reply)) throw new Error('internal: bytes were asked for')
    return reply.bytes
  }
  return {
    examine: async (path, name) => {
      const reply = await pool.ask({ kind: 'examine', path, name, maxPixels }, { lane: 'examine' })
      if (!('facts' in reply)) throw new Error('internal: facts were asked for')
      return reply.facts
    },
    view: (path, side) => draw({ kind: 'view', path, side, maxPixels }),
    mask: (path, of) => draw({ kind: 'mask', path, ...of, maxPixels }),
    mapPng: (path, level) => draw({ kind: 'map', path, ...level, maxPixels }),
    close: async () => pool[Symbol.asyncDispose](),
  }
}
