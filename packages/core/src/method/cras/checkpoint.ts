/**
 * Reads what the authors' own code saves of a trained CRAS (methods.md, CRAS 12): a file with the discriminator
 * and the adaptor, and one with the centres.
 *
 * Linear layers lie there as `[out, in]`, here as `[in, out]`. More than one adaptor layer, which their code
 * can be told to use but never does as published, is refused.
 */
import { AssayError } from '@assay/contract'
import type { Tensor } from '@assay/graph'
import type { Checkpoint } from '../../weights/index.ts'

export interface CrasCheckpoint {
  /** As `addCrasScores` and `addPaperRoute` want them. */
  readonly tensors: Readonly<Record<string, Tensor>>
  readonly products: number
  /** Centres per product: one per position of the grid. */
  readonly size: number
  /** Width of a patch feature. */
  readonly dimension: number
  /** Linear layers of the discriminator. */
  readonly layers: number
  readonly hasAdaptor: boolean
}

/** Throws WEIGHTS_UNSUITABLE for files of anything else, and for two that do not belong together. */
export async function readCrasCheckpoint(trained: Checkpoint, centres: Checkpoint): Promise<CrasCheckpoint> {
  const bank = await readCentres(centres)
  const [products = 0, size = 0, dimension = 0] = bank.shape
  const layers = 1 + countBlocks(trained)
  const hasAdaptor = trained.names().some((name) => name.startsWith('pre_projection.'))
  const tensors: Record<string, Tensor> = { bank }
  const known = new Set<string>()
  for (const { ours, theirs, shape } of layout(dimension, layers, hasAdaptor)) {
    known.add(theirs)
    const tensor = await readFloats(trained, theirs, shape, dimension)
    tensors[ours] = shape.length === 2 ? transpose(tensor) : tensor
  }
  const strange = trained.names().find((name) => !known.has(name) && !name.endsWith('.num_batches_tracked'))
  if (strange !== undefined) throw misfit(trained, `it holds "${strange}" as well`)
  return { tensors, products, size, dimension, layers, hasAdaptor }
}

interface Place {
  readonly ours: string
  readonly theirs: string
  /** In their file. */
  readonly shape: readonly number[]
}

function layout(dimension: number, layers: number, hasAdaptor: boolean): Place[] {
  const places: Place[] = []
  if (hasAdaptor)
    places.push(
      {
        ours: 'head0.adaptor.weight',
        theirs: 'pre_projection.layers.0fc.weight',
        shape: [dimension, dimension],
      },
      { ours: 'head0.adaptor.bias', theirs: 'pre_projection.layers.0fc.bias', shape: [dimension] },
    )
  let input = 2 * dimension
  for (let n = 1; n < layers; n++) {
    const output = Math.floor(input / 2)
    const theirs = `discriminator.body.block${n}`
    const ours = `head0.block${n}`
    places.push({ ours: `${ours}.weight`, theirs: `${theirs}.0.weight`, shape: [output, input] })
    for (const [name, key] of [
      ['bias', '0.bias'],
      ['scale', '1.weight'],
      ['shift', '1.bias'],
      ['mean', '1.running_mean'],
      ['variance', '1.running_var'],
    ] as const)
      places.push({ ours: `${ours}.${name}`, theirs: `${theirs}.${key}`, shape: [output] })
    input = output
  }
  places.push({ ours: 'head0.tail.weight', theirs: 'discriminator.tail.0.weight', shape: [1, input] })
  return places
}

function countBlocks(trained: Checkpoint): number {
  let count = 0
  while (trained.has(`discriminator.body.block${count + 1}.0.weight`)) count++
  if (count === 0) throw misfit(trained, 'it lacks "discriminator.body.block1.0.weight"')
  return count
}

async function readCentres(centres: Checkpoint): Promise<Tensor> {
  const names = centres.names()
  const [name = ''] = names
  if (names.length !== 1)
    throw misfit(centres, `it holds ${names.length} tensors instead of one`, 'the centres of CRAS')
  const { dtype, shape } = centres.info(name)
  if (dtype !== 'float32' || shape.length !== 3 || shape.includes(0))
    throw misfit(
      centres,
      `its tensor is ${dtype} [${shape.join(', ')}] instead of float32 [products, positions, width]`,
      'the centres of CRAS',
    )
  return centres.tensor(name)
}

async function readFloats(
  trained: Checkpoint,
  name: string,
  shape: readonly number[],
  dimension: number,
): Promise<Tensor> {
  if (!trained.has(name)) throw misfit(trained, `it lacks "${name}"`)
  const found = trained.info(name)
  if (found.dtype !== 'float32' || found.shape.join() !== shape.join())
    throw misfit(
      trained,
      `"${name}" is ${found.dtype} [${found.shape.join(', ')}] instead of float32 [${shape.join(', ')}], ` +
        `which goes with centres of width ${dimension}`,
    )
  return trained.tensor(name)
}

function transpose({ data, shape }: Tensor): Tensor {
  const [rows = 0, columns = 0] = shape
  const turned = new Float32Array(data.length)
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) turned[c * rows + r] = Number(data[r * columns + c])
  return { dtype: 'float32', shape: [columns, rows], data: turned }
}

function misfit(file: Checkpoint, reason: string, wanted = 'a trained CRAS'): AssayError {
  return new AssayError('WEIGHTS_UNSUITABLE', { path: file.path, wanted, reason })
}
