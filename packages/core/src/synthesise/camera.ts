/**
 * Lights a scene and photographs it: shading from the relief, uneven light, lens, sensor noise, gamma.
 *
 * One soft main light with a little sky (Lambert plus Blinn-Phong), and hollows darkened by how far they
 * lie below their surroundings. Noise grows with the square root of the light, as photons do.
 */
import type { Random } from '../random.ts'
import { cosine, sine } from './angle.ts'
import { blurLens, blurSoft } from './blur.ts'
import type { Light, Scene } from './scene.ts'
import { drawTexture } from './texture.ts'

/** A main light from the upper left, varying as lamps and mounts do. */
export function drawLight(random: Random): Light {
  const azimuth = -2.3 + 0.22 * random.normal()
  const elevation = 0.95 + 0.06 * random.normal()
  const warmth = 0.02 * random.normal()
  return {
    azimuth,
    x: cosine(azimuth) * cosine(elevation),
    y: sine(azimuth) * cosine(elevation),
    z: sine(elevation),
    strength: 1 + 0.05 * random.normal(),
    colour: [1 + warmth, 1, 1 - warmth],
  }
}

/** The photograph of a scene, sRGB bytes `[h, w, 3]`. */
export function photograph(scene: Scene, light: Light, random: Random): Uint8Array {
  const linear = shade(scene, light, random)
  blurLens(linear, scene.width, scene.height, 3, 0.14)
  return develop(linear, 3 * scene.width, random)
}

function shade(scene: Scene, light: Light, random: Random): Float32Array {
  const { width, height, albedo, relief, gloss } = scene
  const side = Math.min(width, height)
  const lit = new Float32Array(3 * width * height)
  const surroundings = blurSoft(relief, width, height, side * 0.012)
  const unevenness = drawTexture(random, width, height, { cellX: side * 0.7, cellY: side * 0.7 })
  const slopeX = 0.1 * random.normal()
  const slopeY = 0.1 * random.normal()
  // Halfway between the light and the camera, which looks straight down.
  const halfLength = Math.sqrt(light.x * light.x + light.y * light.y + (light.z + 1) * (light.z + 1))
  const hx = light.x / halfLength
  const hy = light.y / halfLength
  const hz = (light.z + 1) / halfLength
  for (let y = 0; y < height; y++) {
    const up = y > 0 ? -width : 0
    const down = y < height - 1 ? width : 0
    const ny = (y + 0.5) / height - 0.5
    for (let x = 0; x < width; x++) {
      const i = y * width + x
      const left = x > 0 ? -1 : 0
      const right = x < width - 1 ? 1 : 0
      const gx = (relief[i + right]! - relief[i + left]!) / 2
      const gy = (relief[i + down]! - relief[i + up]!) / 2
      const norm = 1 / Math.sqrt(1 + gx * gx + gy * gy)
      const diffuse = Math.max(0, (light.z - gx * light.x - gy * light.y) * norm)
      const mirror = Math.max(0, (hz - gx * hx - gy * hy) * norm)
      // mirror^32 by squaring.
      const m2 = mirror * mirror
      const m4 = m2 * m2
      const m8 = m4 * m4
      const m16 = m8 * m8
      const sunk = surroundings[i]! - relief[i]!
      const open = sunk > 0 ? 1 / (1 + (6 * sunk) / (side * 0.02)) : 1
      const nx = (x + 0.5) / width - 0.5
      const vignette = 1 - 0.28 * (nx * nx + ny * ny)
      const lamp = light.strength * vignette * (1 + slopeX * nx + slopeY * ny + 0.03 * unevenness[i]!)
      const tone = lamp * open * (0.34 + 0.8 * diffuse)
      const shine = lamp * open * gloss[i]! * m16 * m16
      const at = 3 * i
      lit[at] = (albedo[at]! * tone + shine) * light.colour[0]
      lit[at + 1] = (albedo[at + 1]! * tone + shine) * light.colour[1]
      lit[at + 2] = (albedo[at + 2]! * tone + shine) * light.colour[2]
    }
  }
  return lit
}

/** Electrons at full scale and noise of reading them out: a small machine-vision camera. */
const fullWell = 7000
const readVariance = (12 / fullWell) * (12 / fullWell)

/** Lines of `stride` values, each with its own noise, so that memory holds the noise of one line only. */
function develop(linear: Float32Array, stride: number, random: Random): Uint8Array {
  const grain = new Float32Array(stride)
  const bytes = new Uint8Array(linear.length)
  for (let start = 0; start < linear.length; start += stride) {
    random.fillNormal(grain)
    for (let k = 0; k < stride; k++) {
      const light = Math.max(0, linear[start + k]!)
      const noise = Math.sqrt(light / fullWell + readVariance)
      const step = ((light + noise * grain[k]!) * gammaSteps + 0.5) | 0
      bytes[start + k] = gamma[step < 0 ? 0 : step > gammaSteps ? gammaSteps : step]!
    }
  }
  return bytes
}

const gammaSteps = 4095
const gamma = Uint8Array.from({ length: gammaSteps + 1 }, (_, i) => Math.round(developed(i / gammaSteps)))

/**
 * What the sRGB curve (IEC 61966-2-1) makes of linear light from 0 to 1, in 0 to 255. The one place where an engine's
 * own power is used; no step of the table lies so near a half that engines could round it differently.
 */
export function developed(light: number): number {
  return 255 * (light <= 0.0031308 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055)
}
