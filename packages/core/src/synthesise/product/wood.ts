/**
 * A planed softwood board that fills the picture: growth rings cut at a slant, fibres and resin canals.
 *
 * The cut runs past the heart of the trunk at some depth, which bends the rings into long arches; where the
 * heart lies, how wide the years were and how the fibres waver differ from board to board.
 */
import type { Random } from '../../random.ts'
import { cosine, lengthOf, sine } from '../angle.ts'
import { type Colour, createScene } from '../scene.ts'
import { smoothstep } from '../shape.ts'
import { drawClouds, drawTexture } from '../texture.ts'
import type { Painted, PaintOptions } from './product.ts'

const early: Colour = [0.52, 0.33, 0.16]
const late: Colour = [0.27, 0.125, 0.045]
/** Resin canals and the flanks of fibres. */
const dark: Colour = [0.12, 0.05, 0.018]

export function paintWood({ width, height, random }: PaintOptions): Painted {
  const side = Math.min(width, height)
  const turn = 0.02 * random.normal()
  const scene = createScene(width, height, {
    beneath: [0.02, 0.011, 0.006],
    grain: { direction: turn, leadsCracks: true },
  })
  scene.body.fill(1)
  const trunk = drawTrunk(random)
  const cos = cosine(turn)
  const sin = sine(turn)
  const long = 6
  const waver = drawClouds(random, width, height, { cell: side / 5, octaves: 4, stretch: long })
  const clouds = drawClouds(random, width, height, { cell: side / 2, octaves: 4, stretch: 2 })
  const coarse = drawTexture(random, width, height, { cellX: side / 6, cellY: side / 170 })
  const fine = drawTexture(random, width, height, { cellX: side / 14, cellY: side / 620 })
  const finest = drawTexture(random, width, height, { cellX: side / 40, cellY: side / 1700 })
  const canals = drawTexture(random, width, height, { cellX: side / 26, cellY: side / 560 })
  const tone = 1 + 0.05 * random.normal()
  const figure = drawTexture(random, width, height, { cellX: side / 14, cellY: side / 3 })
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const dx = (x + 0.5 - width / 2) / side
      const dy = (y + 0.5 - height / 2) / side
      const u = dx * cos + dy * sin
      const v = dy * cos - dx * sin + 0.012 * waver[i]!
      const ring = trunk.ringAt(u, v)
      const year = Math.floor(ring)
      const t = ring - year
      // Summer wood darkens slowly and ends at once when the next spring begins.
      const share = trunk.strength[year & 255]! * (smoothstep(0.35, 0.93, t) - smoothstep(0.95, 1, t))
      const fibre = 0.55 * coarse[i]! + 0.6 * fine[i]! + 0.5 * finest[i]!
      const canal = smoothstep(1.75, 2.5, canals[i]!) * (0.35 + 0.65 * share)
      const shine = tone * (1 + 0.075 * fibre + 0.04 * clouds[i]! + 0.018 * figure[i]!)
      for (let c = 0; c < 3; c++) {
        const wood = early[c]! + (late[c]! - early[c]!) * share
        scene.albedo[3 * i + c] = shine * (wood + (dark[c]! - wood) * 0.75 * canal)
      }
      scene.relief[i] = (side / 1000) * (0.1 * fibre + 0.35 * share - 0.7 * canal)
      scene.gloss[i] = 0.025 + 0.02 * share
    }
  }
  return { scene, altered: null }
}

interface Trunk {
  /** Years from the heart at a place of the board in shares of its side, with a share of the year. */
  ringAt(u: number, v: number): number
  /** How dark the summer wood of a year is. */
  readonly strength: Float32Array
}

function drawTrunk(random: Random): Trunk {
  const heart = 0.25 * random.normal()
  const depth = 0.34 + 0.12 * random.float64()
  const slant = (2 * random.integer(2) - 1) * (0.1 + 0.12 * random.float64())
  const sway = 0.05 * random.normal()
  const years = 34 + 8 * random.float64()
  const strength = new Float32Array(256)
  random.fillNormal(strength, 0.13)
  const widths = new Float32Array(256)
  random.fillNormal(widths, 0.16)
  return {
    ringAt(u, v) {
      const below = depth + slant * u
      const aside = v - heart - sway * sine(2.2 * u)
      const ring = 60 + years * lengthOf(aside, below)
      // Years of different widths: the border between two of them moves.
      const year = Math.floor(ring)
      const t = ring - year
      return year + t + (1 - t) * widths[year & 255]! + t * widths[(year + 1) & 255]!
    },
    strength: strength.map((value) => Math.min(1, Math.max(0.35, 0.75 + value))),
  }
}
