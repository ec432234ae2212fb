/** A browser has no temporary folder: pictures are held in memory, whatever their size. See `node.ts`. */
import type { OpenSpool } from './spool.ts'

export const openSpool: OpenSpool | null = null
