/**
 * Segment Anything (Kirillov et al., 2023, arXiv 2304.02643) as data: the three published sizes, and the names
 * and shapes of the tensors that a checkpoint of a size holds.
 */

/** All lengths that the graphs depend on. The published sizes differ in the encoder alone. */
export interface SamPlan {
  /** Id in the catalogue of published weights. */
  readonly id: string
  /** Side of the square that the encoder sees, in pixels; a multiple of `patch`. */
  readonly imageSize: number
  /** Side of a token in pixels. */
  readonly patch: number
  /** Channels of the image embedding and of every prompt. */
  readonly channels: number
  readonly encoder: {
    readonly width: number
    readonly depth: number
    readonly heads: number
    /** Side of an attention window in tokens. */
    readonly window: number
    /** Blocks, from 0, whose tokens all see each other. */
    readonly globalBlocks: readonly number[]
  }
  readonly decoder: {
    readonly depth: number
    readonly heads: number
    /** Hidden width of the transformer's MLP. */
    readonly mlp: number
  }
}

/** Masks that the decoder makes of a prompt: one for the prompt as it is, and three of growing extent. */
export const maskCount = 4

/** The published models, smallest first. */
export const samPlans: readonly SamPlan[] = [
  plan('sam-vit-b', 768, 12, 12, [2, 5, 8, 11]),
  plan('sam-vit-l', 1024, 24, 16, [5, 11, 17, 23]),
  plan('sam-vit-h', 1280, 32, 16, [7, 15, 23, 31]),
]

/** Tokens along a side of the image embedding. */
export function tokensPerSide({ imageSize, patch }: SamPlan): number {
  return imageSize / patch
}

/** Side of the decoder's masks in pixels. */
export function lowResolution(plan: SamPlan): number {
  return 4 * tokensPerSide(plan)
}

/**
 * Every tensor of a published checkpoint with its shape, in PyTorch's names and order. The ones under
 * `mask_downscaling`, for a mask as prompt, are in the file but not used here.
 */
export function samTensors(plan: SamPlan): ReadonlyMap<string, readonly number[]> {
  const tensors = new Map<string, readonly number[]>()
  const add = (name: string, ...shape: readonly number[]): void => void tensors.set(name, shape)
  const norm = (name: string, width: number): void => {
    add(`${name}.weight`, width)
    add(`${name}.bias`, width)
  }
  const linear = (name: string, input: number, output: number): void => {
    add(`${name}.weight`, output, input)
    add(`${name}.bias`, output)
  }
  const conv = (name: string, output: number, input: number, kernel: number): void => {
    add(`${name}.weight`, output, input, kernel, kernel)
    add(`${name}.bias`, output)
  }
  const { channels, patch } = plan
  const side = tokensPerSide(plan)

  const { width, depth, heads, window, globalBlocks } = plan.encoder
  add('image_encoder.pos_embed', 1, side, side, width)
  conv('image_encoder.patch_embed.proj', width, 3, patch)
  for (let i = 0; i < depth; i++) {
    const block = `image_encoder.blocks.${i}`
    const offsets = 2 * (globalBlocks.includes(i) ? side : window) - 1
    norm(`${block}.norm1`, width)
    add(`${block}.attn.rel_pos_h`, offsets, width / heads)
    add(`${block}.attn.rel_pos_w`, offsets, width / heads)
    linear(`${block}.attn.qkv`, width, 3 * width)
    linear(`${block}.attn.proj`, width, width)
    norm(`${block}.norm2`, width)
    linear(`${block}.mlp.lin1`, width, 4 * width)
    linear(`${block}.mlp.lin2`, 4 * width, width)
  }
  add('image_encoder.neck.0.weight', channels, width, 1, 1)
  norm('image_encoder.neck.1', channels)
  add('image_encoder.neck.2.weight', channels, channels, 3, 3)
  norm('image_encoder.neck.3', channels)

  add('prompt_encoder.pe_layer.positional_encoding_gaussian_matrix', 2, channels / 2)
  for (let i = 0; i < 4; i++) add(`prompt_encoder.point_embeddings.${i}.weight`, 1, channels)
  add('prompt_encoder.not_a_point_embed.weight', 1, channels)
  conv('prompt_encoder.mask_downscaling.0', 4, 1, 2)
  norm('prompt_encoder.mask_downscaling.1', 4)
  conv('prompt_encoder.mask_downscaling.3', 16, 4, 2)
  norm('prompt_encoder.mask_downscaling.4', 16)
  conv('prompt_encoder.mask_downscaling.6', channels, 16, 1)
  add('prompt_encoder.no_mask_embed.weight', 1, channels)

  const attention = (name: string, inner: number): void => {
    for (const part of ['q_proj', 'k_proj', 'v_proj']) linear(`${name}.${part}`, channels, inner)
    linear(`${name}.out_proj`, inner, channels)
  }
  const transformer = 'mask_decoder.transformer'
  for (let i = 0; i < plan.decoder.depth; i++) {
    const layer = `${transformer}.layers.${i}`
    attention(`${layer}.self_attn`, channels)
    norm(`${layer}.norm1`, channels)
    attention(`${layer}.cross_attn_token_to_image`, channels / 2)
    norm(`${layer}.norm2`, channels)
    linear(`${layer}.mlp.lin1`, channels, plan.decoder.mlp)
    linear(`${layer}.mlp.lin2`, plan.decoder.mlp, channels)
    norm(`${layer}.norm3`, channels)
    norm(`${layer}.norm4`, channels)
    attention(`${layer}.cross_attn_image_to_token`, channels / 2)
  }
  attention(`${transformer}.final_attn_token_to_image`, channels / 2)
  norm(`${transformer}.norm_final_attn`, channels)
  add('mask_decoder.iou_token.weight', 1, channels)
  add('mask_decoder.mask_tokens.weight', maskCount, channels)
  // Transposed convolutions have the input's channels first.
  add('mask_decoder.output_upscaling.0.weight', channels, channels / 4, 2, 2)
  add('mask_decoder.output_upscaling.0.bias', channels / 4)
  norm('mask_decoder.output_upscaling.1', channels / 4)
  add('mask_decoder.output_upscaling.3.weight', channels / 4, channels / 8, 2, 2)
  add('mask_decoder.output_upscaling.3.bias', channels / 8)
  const perceptron = (name: string, output: number): void => {
    linear(`${name}.layers.0`, channels, channels)
    linear(`${name}.layers.1`, channels, channels)
    linear(`${name}.layers.2`, channels, output)
  }
  for (let i = 0; i < maskCount; i++) perceptron(`mask_decoder.output_hypernetworks_mlps.${i}`, channels / 8)
  perceptron('mask_decoder.iou_prediction_head', maskCount)
  return tensors
}

function plan(
  id: string,
  width: number,
  depth: number,
  heads: number,
  globalBlocks: readonly number[],
): SamPlan {
  return {
    id,
    imageSize: 1024,
    patch: 16,
    channels: 256,
    encoder: { width, depth, heads, window: 14, globalBlocks },
    decoder: { depth: 2, heads: 8, mlp: 2048 },
  }
}
