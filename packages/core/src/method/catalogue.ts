/** The methods that come with Assay, by name. */
import { AssayError } from '@assay/contract'
import { cras } from './cras/index.ts'
import { inpFormer } from './inp-former/index.ts'
import type { MethodDefinition } from './method.ts'
import { padim } from './padim/index.ts'
import { patchcore } from './patchcore/index.ts'

const methods: readonly MethodDefinition[] = [cras, patchcore, inpFormer, padim]

/** Throws METHOD_UNAVAILABLE for a name that has no implementation yet. */
export function findMethod(id: string): MethodDefinition {
  const found = methods.find((m) => m.id === id)
  if (found !== undefined) return found
  throw new AssayError('METHOD_UNAVAILABLE', {
    method: id,
    reason: 'this version does not have it',
    known: methods.map((m) => m.id),
  })
}
