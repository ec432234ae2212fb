/**
 * Reads a DINOv2 checkpoint into what the graph takes, with everything folded that is a factor of weights.
 *
 * A layer scale goes into the rows of the layer before it, 1 / sqrt(width of a head) into the rows of the queries,
 * and the position of the class token into the class token. Layers keep the names of the checkpoint.
 */
import type { Tensor } from '@assay/graph'

import type { Checkpoint } from '../../weights/index.ts'
import { readFloats } from '../fold.ts'
import { countBlocks, type DinoV2Plan } from './plan.ts'

/**
 * What the taps need, float32: the layers; `prefix` `[1, 1 + registers, width]`, the tokens before those of the
 * patches; `positions` `[grid, grid, width]`, the embeddings of the patches' places. The checkpoint holds the
 * tensors of the plan, in float32 or float16.
 */
export async function prepareDinoV2(
  checkpoint: Checkpoint,
  plan: DinoV2Plan,
  taps: readonly string[],
): Promise<ReadonlyMap<string, Tensor>> {
  const { width, heads, registers, grid } = plan
  const weights = new Map<string, Tensor>()
  const set = (name: string, shape: readonly number[], data: Float32Array): void => {
    weights.set(name, { dtype: 'float32', shape, data })
  }
  const read = (name: string): Promise<Float32Array> => readFloats(checkpoint, name)
  /** Weight and bias, each row multiplied by its factor. */
  const layer = async (name: string, factors?: (row: number) => number): Promise<void> => {
    for (const part of [`${name}.weight`, `${name}.bias`]) {
      const { shape } = checkpoint.info(part)
      const data = await read(part)
      const perRow = data.length / shape[0]!
      set(part, shape, factors ? data.map((v, i) => v * factors(Math.floor(i / perRow))) : data)
    }
  }

  const positions = await read('pos_embed')
  const first = (await read('cls_token')).map((v, i) => v + positions[i]!)
  const rest = registers > 0 ? await read('register_tokens') : []
  set('prefix', [1, 1 + registers, width], Float32Array.of(...first, ...rest))
  set('positions', [grid, grid, width], positions.slice(width))
  await layer('patch_embed.proj')
  for (let i = 0; i < countBlocks(plan, taps); i++) {
    const block = `blocks.${i}`
    const afterAttention = await read(`${block}.ls1.gamma`)
    const afterMlp = await read(`${block}.ls2.gamma`)
    await layer(`${block}.norm1`)
    await layer(`${block}.attn.qkv`, (row) => (row < width ? Math.sqrt(heads / width) : 1))
    await layer(`${block}.attn.proj`, (row) => afterAttention[row]!)
    await layer(`${block}.norm2`)
    await layer(`${block}.mlp.fc1`)
    await layer(`${block}.mlp.fc2`, (row) => afterMlp[row]!)
  }
  if (taps.includes('norm')) await layer('norm')
  return weights
}
