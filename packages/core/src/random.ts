/**
 * Seeded random numbers, the same on every machine.
 *
 * A generator is named by a seed and a stream path, so step k of a training draws the same numbers
 * whatever ran before it: `createRandom(seed, 'noise', step)`. The path is hashed with Philox 4x32-10
 * (Salmon et al. 2011), a counter-based generator; its output starts xoshiro128++ (Blackman and Vigna
 * 2019), which draws several times faster. Normals come from a 128-layer ziggurat (Marsaglia and Tsang
 * 2000) that uses separate bits for layer, sign and size, as Doornik 2005 asks. Only + - * / and sqrt
 * touch a result, all exact by IEEE 754: `Math.log` and `Math.exp` may differ between engines and are
 * not used. Not for secrets.
 */

export interface Random {
  /** Uniform in [0, 2^32). */
  uint32(): number
  /** Uniform in [0, 1), 53 bits. */
  float64(): number
  /** Uniform whole number in [0, limit), without bias; `limit` is 1 to 2^32. */
  integer(limit: number): number
  /** Standard normal with the 24 bits of a float32. */
  normal(): number
  /** Fills `out` with normals of standard deviation `scale`; the same values as repeated `normal()`. */
  fillNormal(out: Float32Array, scale?: number): void
  /** Shuffles in place. */
  shuffle(array: { readonly length: number; [index: number]: unknown }): void
  /** `k` different indices from [0, n), in random order. */
  sample(n: number, k: number): Uint32Array
}

/** A generator for one purpose. Equal seed and stream give equal numbers; any difference gives others. */
export function createRandom(seed: number, ...stream: readonly (number | string)[]): Random {
  return new Xoshiro(hashStream(seed, stream))
}

const two32 = 4294967296

/**
 * One block of Philox 4x32-10: four words of counter under two words of key.
 * Equals the known answers published with Random123.
 */
export function philox4x32(counter: Uint32Array, key: readonly [number, number]): Uint32Array {
  let [c0 = 0, c1 = 0, c2 = 0, c3 = 0] = counter
  let [k0, k1] = key
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(0xd2511f53, c0)
    const high1 = multiplyHigh(0xcd9e8d57, c2)
    const low0 = Math.imul(0xd2511f53, c0)
    const low1 = Math.imul(0xcd9e8d57, c2)
    c0 = (high1 ^ c1 ^ k0) >>> 0
    c1 = low1
    c2 = (high0 ^ c3 ^ k1) >>> 0
    c3 = low0
    k0 = (k0 + 0x9e3779b9) >>> 0
    k1 = (k1 + 0xbb67ae85) >>> 0
  }
  return Uint32Array.of(c0, c1, c2, c3)
}

/** xoshiro128++ over four words of state, with the draws built on it. */
class Xoshiro implements Random {
  #a: number
  #b: number
  #c: number
  #d: number

  constructor(state: Uint32Array) {
    // The all-zero state would stay zero for ever.
    const [a = 0, b = 0, c = 0, d = 0] = state.some((word) => word !== 0) ? state : [1, 2, 3, 4]
    this.#a = a | 0
    this.#b = b | 0
    this.#c = c | 0
    this.#d = d | 0
  }

  uint32(): number {
    const sum = (this.#a + this.#d) | 0
    const result = (((sum << 7) | (sum >>> 25)) + this.#a) >>> 0
    const shifted = this.#b << 9
    this.#c ^= this.#a
    this.#d ^= this.#b
    this.#b ^= this.#c
    this.#a ^= this.#d
    this.#c ^= shifted
    this.#d = (this.#d << 11) | (this.#d >>> 21)
    return result
  }

  float64(): number {
    const high = this.uint32() >>> 5
    return (high * 67108864 + (this.uint32() >>> 6)) / 9007199254740992
  }

  integer(limit: number): number {
    if (!Number.isInteger(limit) || limit < 1 || limit > two32) {
      throw new Error(`internal: a random whole number below ${limit} was asked for`)
    }
    const fair = two32 - (two32 % limit)
    let draw = this.uint32()
    while (draw >= fair) draw = this.uint32()
    return draw % limit
  }

  normal(): number {
    const bits = this.uint32() | 0
    const layer = bits & 127
    const place = (bits >> 7) + 0.5
    return Math.abs(place) < ziggurat.inside[layer]!
      ? place * ziggurat.step[layer]!
      : this.#normalAtEdge(bits)
  }

  fillNormal(out: Float32Array, scale = 1): void {
    // As normal(), with the state of the generator in local variables while traversing `out`.
    const { step, inside } = ziggurat
    let a = this.#a
    let b = this.#b
    let c = this.#c
    let d = this.#d
    for (let i = 0; i < out.length; i++) {
      const sum = (a + d) | 0
      const bits = (((sum << 7) | (sum >>> 25)) + a) | 0
      const shifted = b << 9
      c ^= a
      d ^= b
      b ^= c
      a ^= d
      c ^= shifted
      d = (d << 11) | (d >>> 21)
      const layer = bits & 127
      const place = (bits >> 7) + 0.5
      let x = place * step[layer]!
      if (Math.abs(place) >= inside[layer]!) {
        this.#a = a
        this.#b = b
        this.#c = c
        this.#d = d
        x = this.#normalAtEdge(bits)
        a = this.#a
        b = this.#b
        c = this.#c
        d = this.#d
      }
      out[i] = x * scale
    }
    this.#a = a
    this.#b = b
    this.#c = c
    this.#d = d
  }

  /** The 1.5 % of draws that fall outside the certain part of their layer. */
  #normalAtEdge(bits: number): number {
    const layer = bits & 127
    if (layer === 0) {
      // Marsaglia's tail beyond the base strip.
      for (;;) {
        const x = -logarithm(1 - this.float64()) / tailStart
        const y = -logarithm(1 - this.float64())
        if (y + y > x * x) return bits >= 0 ? tailStart + x : -(tailStart + x)
      }
    }
    const x = ((bits >> 7) + 0.5) * ziggurat.step[layer]!
    const low = ziggurat.height[layer]!
    const high = ziggurat.height[layer + 1]!
    return low + this.float64() * (high - low) < gaussian(x) ? x : this.normal()
  }

  shuffle(array: { readonly length: number; [index: number]: unknown }): void {
    for (let i = array.length - 1; i > 0; i--) {
      const j = this.integer(i + 1)
      const kept = array[i]
      array[i] = array[j]
      array[j] = kept
    }
  }

  sample(n: number, k: number): Uint32Array {
    if (!Number.isInteger(k) || k < 0 || k > n)
      throw new Error(`internal: ${k} different indices out of ${n}`)
    // The first k steps of a Fisher-Yates shuffle; only positions that moved are remembered.
    const moved = new Map<number, number>()
    const chosen = new Uint32Array(k)
    for (let i = 0; i < k; i++) {
      const j = i + this.integer(n - i)
      chosen[i] = moved.get(j) ?? j
      moved.set(j, moved.get(i) ?? i)
      moved.delete(i)
    }
    return chosen
  }
}

/** Start and area of the tail strip that make 128 layers of equal area (Marsaglia and Tsang 2000). */
const tailStart = 3.442619855899
const layerArea = 9.91256303526217e-3

/**
 * Layer i spans the heights height[i] to height[i + 1] of exp(-x^2 / 2). The upper 25 bits of a draw, as a
 * signed place between two whole numbers, times step[i] are an x in it; places nearer to zero than
 * inside[i] are under the curve for certain. Layer 0 is the base strip.
 */
const ziggurat = (() => {
  const layers = 128
  const edge = new Float64Array(layers + 1)
  edge[0] = layerArea / gaussian(tailStart)
  edge[1] = tailStart
  for (let i = 2; i < layers; i++) {
    const before = edge[i - 1]!
    edge[i] = Math.sqrt(-2 * logarithm(layerArea / before + gaussian(before)))
  }
  const step = new Float64Array(layers)
  const inside = new Float64Array(layers)
  const height = new Float64Array(layers + 1)
  for (let i = 0; i < layers; i++) {
    step[i] = edge[i]! / 16777216
    inside[i] = Math.floor((edge[i + 1]! / edge[i]!) * 16777216)
    height[i] = i === 0 ? 0 : gaussian(edge[i]!)
  }
  height[layers] = 1
  return { step, inside, height }
})()

/** exp(-x^2 / 2) for |x| below about 10, from exact operations: halve, Taylor series, square back. */
function gaussian(x: number): number {
  const halvings = 10
  const y = -0.5 * x * x * (1 / (1 << halvings))
  let term = 1
  let sum = 1
  for (let n = 1; n <= 10; n++) {
    term *= y / n
    sum += term
  }
  for (let i = 0; i < halvings; i++) sum *= sum
  return sum
}

/** Natural logarithm of a number in (0, 1], from exact operations: scale to [0.5, 1], artanh series. */
function logarithm(x: number): number {
  let scaled = x
  let twos = 0
  while (scaled < 0.5) {
    scaled *= 2
    twos++
  }
  const t = (scaled - 1) / (scaled + 1)
  let power = t
  let sum = 0
  for (let n = 1; n <= 35; n += 2) {
    sum += power / n
    power *= t * t
  }
  return 2 * sum - twos * Math.LN2
}

/** Chains Philox over the words of the path, so that every part of it changes all four words. */
function hashStream(seed: number, stream: readonly (number | string)[]): Uint32Array {
  const [low, high] = wordsOf(seed)
  let state: Uint32Array = Uint32Array.of(stream.length, 0, 0, 0)
  const absorb = (tag: number, size: number, word0: number, word1: number): void => {
    state = Uint32Array.of(state[0]! ^ tag, state[1]! ^ size, state[2]! ^ word0, state[3]! ^ word1)
    state = philox4x32(state, [low, high])
  }
  absorb(0, 0, 0, 0)
  for (const part of stream) {
    if (typeof part === 'number') {
      absorb(1, 0, ...wordsOf(part))
    } else {
      absorb(2, part.length, 0, 0)
      for (let i = 0; i < part.length; i += 2) {
        absorb(3, 0, part.charCodeAt(i), i + 1 < part.length ? part.charCodeAt(i + 1) : 0)
      }
    }
  }
  return state
}

/** The two halves of a float64, so that any finite seed is used whole. */
function wordsOf(value: number): [number, number] {
  if (!Number.isFinite(value)) throw new Error(`internal: ${value} cannot name a random stream`)
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, value === 0 ? 0 : value)
  return [view.getUint32(4), view.getUint32(0)]
}

function multiplyHigh(a: number, b: number): number {
  const a0 = a & 0xffff
  const a1 = a >>> 16
  const b0 = b & 0xffff
  const b1 = b >>> 16
  const middle = a1 * b0 + ((a0 * b0) >>> 16)
  const carry = a0 * b1 + (middle & 0xffff)
  return (a1 * b1 + (middle >>> 16) + (carry >>> 16)) >>> 0
}
