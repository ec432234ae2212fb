/** The maps and masks of the golden cases, drawn as tools/golden/metric*.py draw them. */

/** The generator of the scripts: uniform in [0, 1). */
export function createDraw(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(1664525, state) + 1013904223) >>> 0
    return state / 4294967296
  }
}

/** Floors to a multiple of 1 / levels, so that scores tie; 0 leaves the value. */
export function quantise(value: number, levels: number): number {
  return levels > 0 ? Math.floor(value * levels) / levels : value
}

export interface DrawnCase {
  readonly seed: number
  readonly images: number
  /** Width and height. */
  readonly size: readonly number[]
  /** Defects: image, left, top, width, height. */
  readonly boxes: readonly (readonly number[])[]
  /** Added to the scores of defects. */
  readonly shift: number
  readonly levels: number
  /** 1 draws evenly; each one more squares the draw, which thins out high scores. */
  readonly power?: number
}

export function drawImages(drawn: DrawnCase): { map: Float32Array; mask: Uint8Array }[] {
  const { seed, images, size, boxes, shift, levels, power = 1 } = drawn
  const [width = 0, height = 0] = size
  const draw = createDraw(seed)
  return Array.from({ length: images }, (_, image) => {
    const mask = new Uint8Array(width * height)
    for (const [index, left = 0, top = 0, w = 0, h = 0] of boxes) {
      if (index !== image) continue
      for (let y = top; y < top + h; y++) mask.fill(255, y * width + left, y * width + left + w)
    }
    const map = Float32Array.from(mask, (inside) => {
      let value = draw()
      for (let k = 1; k < power; k++) value *= value
      return quantise(value + (inside > 0 ? shift : 0), levels)
    })
    return { map, mask }
  })
}
