/**
 * Does a file hold the tensors of a backbone? By names and shapes, before any number is read.
 *
 * Files in use wrap the same tensors in different ways; the usual wrappings are seen through. What is left over
 * is a fault: a deeper network of the same family has all the names of a shallower one.
 */
import { AssayError } from '@assay/contract'

import type { Checkpoint } from '../weights/index.ts'
import type { BackboneEntry } from './entry.ts'

const wrapping = /^(?:(?:state_dict|model|module)\.)*$/
/** Counters of training steps, written by PyTorch's batch norm. */
const harmless = /(?:^|\.)num_batches_tracked$/
/** So many faults of a kind are told one by one. */
const told = 3

/**
 * The file under the published names, or WEIGHTS_UNSUITABLE with the first names that are missing, differ or are
 * too many. Wrappings (`state_dict.`, `model.`, `module.`) and batch counters are tolerated, and files without what
 * no tap needs.
 */
export function checkTensors(
  { card, tensors, dispensable = [] }: Pick<BackboneEntry, 'card' | 'tensors' | 'dispensable'>,
  checkpoint: Checkpoint,
): Checkpoint {
  const prefix = findPrefix(tensors, checkpoint)
  const missing: string[] = []
  const different: string[] = []
  for (const [name, shape] of tensors) {
    if (!checkpoint.has(prefix + name)) {
      if (!dispensable.includes(name)) missing.push(`"${name}"`)
      continue
    }
    const found = checkpoint.info(prefix + name)
    const isFloat = found.dtype === 'float32' || found.dtype === 'float16'
    if (!isFloat || found.shape.length !== shape.length || found.shape.some((d, i) => d !== shape[i]))
      different.push(
        `"${name}" is ${found.dtype} [${found.shape.join(', ')}] instead of float32 [${shape.join(', ')}]`,
      )
  }
  const own = checkpoint.names().filter((name) => name.startsWith(prefix))
  const names = own.map((name) => name.slice(prefix.length))
  const extra = names.filter((name) => !tensors.has(name) && !harmless.test(name)).map((name) => `"${name}"`)
  const reasons = [
    ...tell('it lacks ', missing),
    ...tell('', different),
    ...tell('it has more than that network: ', extra),
  ]
  if (reasons.length > 0)
    throw new AssayError('WEIGHTS_UNSUITABLE', {
      path: checkpoint.path,
      wanted: `the weights "${card.id}"`,
      reason: reasons.join('; '),
    })
  return {
    ...checkpoint,
    names: () => names,
    has: (name) => checkpoint.has(prefix + name),
    info: (name) => checkpoint.info(prefix + name),
    tensor: (name) => checkpoint.tensor(prefix + name),
  }
}

/** The shortest wrapping under which one of the tensors lies; nothing where none does. */
function findPrefix(tensors: BackboneEntry['tensors'], checkpoint: Checkpoint): string {
  const [first] = tensors.keys()
  if (first === undefined) throw new Error('internal: a backbone without tensors')
  const prefixes = checkpoint
    .names()
    .filter((name) => name.endsWith(first))
    .map((name) => name.slice(0, name.length - first.length))
    .filter((prefix) => wrapping.test(prefix))
  return prefixes.toSorted((a, b) => a.length - b.length)[0] ?? ''
}

function tell(what: string, faults: readonly string[]): string[] {
  if (faults.length === 0) return []
  const more = faults.length > told ? ` and ${faults.length - told} more` : ''
  return [`${what}${faults.slice(0, told).join(', ')}${more}`]
}
