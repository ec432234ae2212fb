/** Opens a model on a device and lets it prove itself there. */
import { AssayError, reasonOf } from '@assay/contract'
import { compareSamples, sampleTolerance, type ModelFile } from '../model/index.ts'
import { openSession, type Device, type Session } from '../runtime/index.ts'

/** Throws MODEL_UNREADABLE, and MODEL_SAMPLES_DIFFER where the samples in its card do not repeat. */
export async function openProven({ bytes, card, name }: ModelFile, device: Device): Promise<Session> {
  const session = await openSession(bytes, device, name).catch((error: unknown) => {
    if (!(error instanceof AssayError)) throw error
    throw new AssayError('MODEL_UNREADABLE', { path: name, reason: reasonOf(error.cause) }, { cause: error })
  })
  try {
    const worst = await compareSamples(session, card.samples)
    if (worst <= sampleTolerance) return session
    throw new AssayError('MODEL_SAMPLES_DIFFER', {
      path: name,
      worst,
      tolerance: sampleTolerance,
      provider: device.name,
    })
  } catch (error) {
    await session[Symbol.asyncDispose]()
    throw error
  }
}
