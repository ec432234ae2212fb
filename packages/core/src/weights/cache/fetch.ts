/**
 * Fetches published weights into the cache, when somebody asks for it and never otherwise.
 *
 * The first event says what is about to come: whose weights, under which licence, from where. What arrives counts
 * only when its sha256 is the published one.
 */
import { AssayError } from '@assay/contract'

import { fileNameOf, findPublished, type PublishedWeights } from '../catalogue.ts'
import { download, type DownloadEvent, type DownloadOptions } from '../download/download.ts'
import { claimPart, type Part } from '../download/part.ts'
import { DownloadFault, type RequestOptions } from '../download/request.ts'
import { folderOf, placeOf, writing, type CacheOptions } from './folder.ts'
import { hashFile, type HashProgress } from './hash.ts'
import { installWeights, readRecord, type WeightsRecord } from './record.ts'

export type FetchEvent =
  /** Comes first, before any connection is made. */
  { readonly type: 'origin'; readonly weights: PublishedWeights } | DownloadEvent | HashProgress

export interface FetchOptions extends CacheOptions, Pick<DownloadOptions, 'wait'> {
  /** Where proxies are looked up; by default the environment of this process. */
  readonly env?: RequestOptions['env']
  readonly signal?: AbortSignal
}

export interface FetchResult {
  readonly record: WeightsRecord
  /** The file was there already, and its sum is right. */
  readonly wasCached: boolean
}

/**
 * Brings the published file of `id` into the cache. Goes on where an interrupted fetch stopped; a network that
 * fails is WEIGHTS_DOWNLOAD_FAILED, another file than the published one WEIGHTS_SUM_DIFFERS.
 */
export async function* fetchWeights(
  id: string,
  options: FetchOptions = {},
): AsyncGenerator<FetchEvent, FetchResult> {
  const { signal } = options
  const { cache, catalogue } = placeOf(options)
  const entry = findPublished(id, catalogue)
  yield { type: 'origin', weights: entry }

  // A damaged record is as good as none: it will be written anew.
  const cached = await readRecord(id, { cache, catalogue }).catch(() => null)
  if (cached?.isPublished === true) {
    const { sha256 } = yield* hashFile(cached.path, signal)
    if (sha256 === entry.sha256) return { record: cached, wasCached: true }
  }

  const part = await writing(cache, () => claimPart(folderOf(cache, id)))
  try {
    const found = yield* bring(entry, part, cache, options)
    const byOthers = await readRecord(id, { cache, catalogue }).catch(() => null)
    if (byOthers?.isPublished === true && byOthers.path !== cached?.path) {
      await part.remove()
      return { record: byOthers, wasCached: true }
    }
    const arrival = { entry, file: part.file, fileName: fileNameOf(entry), ...found, source: entry.url }
    const record = await installWeights(cache, arrival)
    await part.remove()
    return { record, wasCached: false }
  } catch (error) {
    if (!(error instanceof DownloadFault)) throw error
    const { message: reason } = error
    throw new AssayError('WEIGHTS_DOWNLOAD_FAILED', { weights: id, url: entry.url, reason }, { cause: error })
  } finally {
    // Where it has been removed there is nothing left to release.
    await part.release().catch(() => null)
  }
}

/** Downloads and compares; a part that was begun earlier gets a second try from its first byte. */
async function* bring(
  entry: PublishedWeights,
  part: Part,
  cache: string,
  { env = process.env, signal, wait }: FetchOptions,
): AsyncGenerator<DownloadEvent | HashProgress, { readonly sha256: string; readonly bytes: number }> {
  const { id, url, bytes } = entry
  for (let isResumed = (await part.size()) > 0; ; isResumed = false) {
    yield* download({
      url,
      bytes,
      part,
      env,
      signal,
      writing: (write) => writing(cache, write),
      ...(wait === undefined ? {} : { wait }),
    })
    const found = yield* hashFile(part.file, signal)
    if (found.sha256 === entry.sha256) return found
    if (!isResumed) {
      // Bytes that are wrong are no beginning of anything.
      await part.remove()
      throw new AssayError('WEIGHTS_SUM_DIFFERS', {
        weights: id,
        path: url,
        expected: entry.sha256,
        found: found.sha256,
      })
    }
    await writing(cache, () => part.begin(null))
    yield { type: 'retry', reason: 'the earlier and the later bytes are not of one file', waitMs: 0 }
  }
}
