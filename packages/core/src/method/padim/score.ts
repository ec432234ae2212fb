/** Mahalanobis distances as graph nodes: one small matrix product per place. */
import type { GraphBuilder, Value } from '@assay/graph'
import type { PatchScores, ScoreInput } from '../method.ts'

/**
 * Brings the picture's grid to that of the Gaussians and the distances back, by nearest places: nothing changes for a
 * picture of the size that was learned from, and another size takes the Gaussians of the same relative places.
 */
export function addPadimScores(
  g: GraphBuilder,
  { scope, grid, product, fitted }: Pick<ScoreInput, 'scope' | 'grid' | 'product' | 'fitted'>,
): PatchScores {
  const { columns, mean, whitening } = fitted.tensors
  if (columns === undefined || mean === undefined || whitening === undefined)
    throw new Error('internal: PaDiM without its Gaussians')
  const [products = 0, height = 0, width = 0, k = 0] = mean.shape
  const places = height * width
  const chosen = g.gather(grid, g.constant(columns, `${scope}columns`), { axis: 1 })
  const aligned = g.resize(chosen, { sizes: [height, width], mode: 'nearest', coordinates: 'half-pixel' })
  const rows = g.transpose(g.reshape(aligned, [0, k, places]), [0, 2, 1])
  const own = (value: Value): Value =>
    product === null ? g.squeeze(value, [0]) : g.gather(value, product, { axis: 0 })
  const means = g.constant({ ...mean, shape: [products, places, k] }, `${scope}mean`)
  const matrices = g.constant({ ...whitening, shape: [products, places, k, k] }, `${scope}whitening`)
  const centred = g.unsqueeze(g.sub(rows, own(means)), [2])
  // Half precision is for the file: the runtime makes float32 of it once.
  const white = g.matmul(centred, own(g.cast(matrices, 'float32')))
  const distances = g.sqrt(g.sumSquares(white, { axes: [2, 3] }))
  const map = g.reshape(distances, [0, 1, height, width])
  const back = g.resize(map, { like: grid, mode: 'nearest', coordinates: 'half-pixel' })
  const score = g.reshape(back, [0, -1])
  return { image: score, map: score }
}
