/**
 * Numbers of an ONNX model that lie in files beside it.
 *
 * The model names such a file, and models come from strangers: it must lie in the model's own folder or below,
 * with all links followed, so that no model can have other files of this machine read.
 */
import { findInside } from '#file'
import { reasonOf } from '@assay/contract'

import { openByteSource, type ByteSource } from './byte-source.ts'
import { printable } from './fault.ts'

/**
 * Checks where `entries` (location, offset, length) point to and gives the function that reads the `bytes`
 * bytes there. Whatever does not fit goes to `fault`.
 */
export async function findExternal(
  model: ByteSource,
  entries: ReadonlyMap<string, string>,
  bytes: number,
  fault: (reason: string) => Error,
): Promise<() => Promise<Uint8Array>> {
  const location = entries.get('location') ?? ''
  if (model.path === null)
    throw fault(`is in the file "${printable(location)}", but the model is in memory only`)
  const offset = readCount(entries.get('offset') ?? '0')
  const length = readCount(entries.get('length') ?? String(bytes))
  if (offset === undefined || length !== bytes)
    throw fault(
      `has ${printable(entries.get('length') ?? '')} bytes at ${printable(entries.get('offset') ?? '0')} of another file, instead of ${bytes}`,
    )
  const path = await confine(model.path, location, fault)
  const open = (): Promise<ByteSource> => openByteSource(path)
  await using file = await open()
  if (offset + bytes > file.size)
    throw fault(`ends at byte ${offset + bytes} of "${printable(location)}", which has ${file.size}`)
  return async () => {
    // Opened for each tensor: old exporters write a file for each, and handles are few.
    await using again = await open()
    return await again.read(offset, bytes)
  }
}

/** The real path of a file that must lie in the folder of the model. */
async function confine(model: string, location: string, fault: (reason: string) => Error): Promise<string> {
  const name = printable(location)
  const isPlain =
    location !== '' &&
    !/[\0\\:]/.test(location) &&
    !location.startsWith('/') &&
    !location.split('/').includes('..')
  if (!isPlain) throw fault(`is in the file "${name}", which is not a plain name in the model's folder`)
  const file = await findInside(model, location).catch((error: unknown) => {
    throw fault(`is in the file "${name}", which cannot be found (${printable(reasonOf(error))})`)
  })
  if (file === null) throw fault(`is in the file "${name}", which leads out of the model's folder`)
  return file
}

function readCount(text: string): number | undefined {
  const count = /^\d{1,16}$/.test(text) ? Number(text) : NaN
  return Number.isSafeInteger(count) ? count : undefined
}
