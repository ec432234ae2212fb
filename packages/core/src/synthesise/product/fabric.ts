/**
 * Woven cloth, a 2/2 twill of dark warp and light weft that fills the picture.
 *
 * Threads run over and under each other as sines; whichever lies higher is seen. Slight turn, stretch
 * and drift of the cloth, and thickness and dye of every thread, change from picture to picture.
 */
import { drawClouds, drawNoise } from '../noise.ts'
import type { Random } from '../../random.ts'
import { type Colour, createScene, type Scene } from '../scene.ts'
import { smoothstep } from '../shape.ts'
import type { Painted } from './product.ts'

const warpColour: Colour = [0.072, 0.105, 0.185]
const weftColour: Colour = [0.42, 0.41, 0.36]
const threadsAcross = 40

/** Missing is a stretch of one warp thread. */
export function paintFabric(width: number, height: number, random: Random, missing: number | null): Painted {
  const side = Math.min(width, height)
  const scene = createScene(width, height, [0.012, 0.011, 0.01])
  scene.body.fill(1)
  const pitch = (side / threadsAcross) * (1 + 0.02 * random.normal())
  const angle = 0.035 * random.normal()
  const phaseU = 100 + 4 * random.float64()
  const phaseV = 100 + 4 * random.float64()
  const drift = { cellX: side / 2.2, cellY: side / 2.2 }
  const driftU = drawNoise(random, width, height, drift)
  const driftV = drawNoise(random, width, height, drift)
  const dye = drawClouds(random, width, height, { cell: side / 3, octaves: 4 })
  const lengthwise = drawNoise(random, width, height, { cellX: pitch / 6, cellY: pitch / 1.5 })
  const crosswise = drawNoise(random, width, height, { cellX: pitch / 1.5, cellY: pitch / 6 })
  const warp = drawThreads(random)
  const weft = drawThreads(random)
  const gap = missing === null ? null : chooseGap(missing, width, height, pitch)
  const absent = gap === null ? null : new Float32Array(width * height)
  const edge = 0.8 / pitch
  const cos = Math.cos(angle) / pitch
  const sin = Math.sin(angle) / pitch
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const u = phaseU + (x - width / 2) * cos - (y - height / 2) * sin + 0.3 * driftU[i]!
      const v = phaseV + (x - width / 2) * sin + (y - height / 2) * cos + 0.3 * driftV[i]!
      const column = Math.floor(u)
      const row = Math.floor(v)
      const across = u - column - 0.5
      const along = v - row - 0.5
      let top =
        threadTop(across, warp.half[column & 255]!) + 0.32 * Math.sin(quarter * (column - (v - 0.5)) + eighth)
      const under =
        threadTop(along, weft.half[row & 255]!) - 0.32 * Math.sin(quarter * (u - 0.5 - row) + eighth)
      if (gap !== null && absent !== null && column === Math.floor(gap.column + phaseU)) {
        const inside = smoothstep(0, 0.4, gap.half - Math.abs(v - phaseV - gap.row))
        absent[i] = inside
        top -= 3 * inside
      }
      // Where both lie nearly level the pixel shows both, which keeps thread ends free of steps.
      const share = smoothstep(-edge, edge, top - under)
      const level = Math.max(under + (top - under) * share, -0.75)
      const fibre = crosswise[i]! + (lengthwise[i]! - crosswise[i]!) * share
      const warpTone = warp.tone[column & 255]! * share
      const weftTone = weft.tone[row & 255]! * (1 - share)
      // Threads darken towards their flanks, where neighbours shade them.
      const deep = 0.25 + 0.75 * smoothstep(-0.7, 0.55, level)
      const tone = deep * (1 + 0.05 * dye[i]!) * (1 + 0.1 * fibre)
      for (let c = 0; c < 3; c++) {
        scene.albedo[3 * i + c] = tone * (warpColour[c]! * warpTone + weftColour[c]! * weftTone)
      }
      scene.relief[i] = level * pitch * 0.3 + 0.12 * fibre
    }
  }
  return { scene: withGloss(scene, 0.012), missing: absent }
}

const quarter = (2 * Math.PI) / 4
const eighth = Math.PI / 4

/** Height of a round thread across its width, `across` from -0.5 to 0.5. */
function threadTop(across: number, half: number): number {
  const t = across / half
  return t * t < 1 ? 0.55 * Math.sqrt(1 - t * t) - 0.1 : -0.9
}

/** Thickness and dye of 256 threads, which then repeat. */
function drawThreads(random: Random): { half: Float32Array; tone: Float32Array } {
  const half = new Float32Array(256)
  const tone = new Float32Array(256)
  random.fillNormal(half, 0.018)
  random.fillNormal(tone, 0.07)
  return { half: half.map((value) => 0.49 + value), tone: tone.map((value) => Math.max(0.7, 1 + value)) }
}

/** A stretch of 6 to 12 crossings somewhere in the middle of the picture, in threads from its centre. */
function chooseGap(
  pick: number,
  width: number,
  height: number,
  pitch: number,
): { column: number; row: number; half: number } {
  const places = 97
  const at = Math.floor(pick * places)
  return {
    column: (((at * 41) % places) / places - 0.5) * 0.7 * (width / pitch),
    row: (((at * 67) % places) / places - 0.5) * 0.6 * (height / pitch),
    half: 3 + (at % 4),
  }
}

function withGloss(scene: Scene, gloss: number): Scene {
  scene.gloss.fill(gloss)
  return scene
}
