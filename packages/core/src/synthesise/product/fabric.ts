/**
 * Woven cloth, a 2/2 twill of dark warp and light weft that fills the picture.
 *
 * Threads of two twisted plies run over and under each other as sines; whichever lies higher is seen. Slight
 * turn, stretch and drift of the cloth, and thickness and dye of every thread, change from picture to
 * picture.
 */
import type { Random } from '../../random.ts'
import { cosine, sine } from '../angle.ts'
import { type Colour, createScene } from '../scene.ts'
import { smoothstep } from '../shape.ts'
import { drawClouds, drawTexture } from '../texture.ts'
import { type Cloth, drawLoop, drawPull, easeOff, ply } from './fabric-fault.ts'
import { joinCoverage, type Painted, type PaintOptions } from './product.ts'

const warpColour: Colour = [0.072, 0.105, 0.185]
const weftColour: Colour = [0.42, 0.41, 0.36]
const threadsAcross = 40

/** Missing is a stretch of a warp thread; misplaced a weft that floats over what it should pass under. */
export function paintFabric({ width, height, random, light, fault }: PaintOptions): Painted {
  const side = Math.min(width, height)
  const scene = createScene(width, height, { beneath: [0.012, 0.011, 0.01] })
  scene.body.fill(1)
  scene.gloss.fill(0.012)
  const pitch = (side / threadsAcross) * (1 + 0.02 * random.normal())
  const turn = 0.035 * random.normal()
  const cloth: Cloth = {
    width,
    height,
    pitch,
    cos: cosine(turn),
    sin: sine(turn),
    phaseU: 100 + 4 * random.float64(),
    phaseV: 100 + 4 * random.float64(),
  }
  const drift = { cellX: side / 2.2, cellY: side / 2.2 }
  const driftU = drawTexture(random, width, height, drift)
  const driftV = drawTexture(random, width, height, drift)
  const dye = drawClouds(random, width, height, { cell: side / 3, octaves: 4 })
  const lengthwise = drawFibres(random, width, height, pitch, 'down')
  const crosswise = drawFibres(random, width, height, pitch, 'across')
  const warp = drawThreads(random)
  const weft = drawThreads(random)
  const gap = fault?.kind === 'missing' ? chooseStretch(fault.random, cloth, 3, 6) : null
  const float = fault?.kind === 'misplaced' ? chooseStretch(fault.random, cloth, 2.5, 5) : null
  const pull = fault?.kind === 'thread-pull' ? drawPull(fault.random, cloth) : null
  const altered = fault === null ? null : new Float32Array(width * height)
  const edge = 0.8 / pitch
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const dx = (x + 0.5 - width / 2) / pitch
      const dy = (y + 0.5 - height / 2) / pitch
      const flatU = cloth.phaseU + dx * cloth.cos - dy * cloth.sin
      const flatV = cloth.phaseV + dx * cloth.sin + dy * cloth.cos
      const pulled = pull === null ? 0 : pull.strengthAt(flatU, flatV)
      const u = flatU + 0.3 * driftU[i]! + (pull === null ? 0 : pulled * pull.shiftAt(flatU))
      const v = flatV + 0.3 * driftV[i]! * (1 - pulled)
      const column = Math.floor(u)
      const row = Math.floor(v)
      const across = u - column - 0.5
      const along = v - row - 0.5
      const tight = pull !== null && row === pull.row ? pulled : 0
      const slack = gap !== null && column === gap.column ? easeOff(v - gap.row, gap.half) : 0
      joinCoverage(altered, i, slack)
      const top =
        threadTop(across, warp.half[column & 255]!) +
        0.32 * sine(quarter * (column - (v - 0.5)) + eighth) -
        3 * slack
      // A weft drawn tight is thin and straight; where no warp holds it apart it closes up and leaves slits.
      let under =
        threadTop(along, weft.half[row & 255]! * (1 - 0.45 * tight - 0.32 * slack)) -
        0.32 * (1 - 0.8 * tight) * sine(quarter * (u - 0.5 - row) + eighth) +
        0.3 * tight
      if (float !== null && row === float.row) {
        const inside = easeOff(u - float.column, float.half)
        joinCoverage(altered, i, inside * smoothstep(0.5, 0.42, Math.abs(along)))
        // The sine gives way to a level above every warp.
        under += inside * (0.75 + 0.32 * sine(quarter * (u - 0.5 - row) + eighth))
      }
      // Half covered where the weave is moved by a ninth of a thread.
      if (pull !== null) joinCoverage(altered, i, Math.min(1, 5 * pulled))
      // Where both lie nearly level the pixel shows both, which keeps thread ends free of steps.
      const share = smoothstep(-edge, edge, top - under)
      const level = Math.max(under + (top - under) * share, -0.75)
      const fibre = crosswise[i]! + (lengthwise[i]! - crosswise[i]!) * share
      const twist = share > 0.5 ? ply(v * 1.1 + across * 0.9) : ply(u * 1.1 - along * 0.9)
      const warpTone = warp.tone[column & 255]! * share
      const weftTone = weft.tone[row & 255]! * (1 - share)
      // Threads darken towards their flanks, where neighbours shade them, and between their plies.
      const deep = 0.22 + 0.78 * smoothstep(-0.7, 0.55, level)
      const tone = deep * (1 + 0.05 * dye[i]!) * (1 + 0.1 * fibre) * (1 - 0.16 * twist)
      for (let c = 0; c < 3; c++) {
        scene.albedo[3 * i + c] = tone * (warpColour[c]! * warpTone + weftColour[c]! * weftTone)
      }
      scene.relief[i] = pitch * (0.3 * level + 0.012 * fibre - 0.03 * twist)
    }
  }
  if (pull !== null) drawLoop(scene, cloth, pull, light, weftColour, altered)
  return { scene, altered }
}

const quarter = (2 * Math.PI) / 4
const eighth = Math.PI / 4

/** Height of a round thread across its width, `across` from -0.5 to 0.5. */
function threadTop(across: number, half: number): number {
  const t = across / half
  return t * t < 1 ? 0.55 * Math.sqrt(1 - t * t) - 0.1 : -0.9
}

/** Fibres along a thread, coarse and fine. */
function drawFibres(
  random: Random,
  width: number,
  height: number,
  pitch: number,
  way: 'down' | 'across',
): Float32Array {
  const draw = (thin: number, long: number): Float32Array =>
    drawTexture(
      random,
      width,
      height,
      way === 'down'
        ? { cellX: pitch / thin, cellY: pitch / long }
        : { cellX: pitch / long, cellY: pitch / thin },
    )
  const coarse = draw(6, 1.5)
  const fine = draw(20, 3)
  for (let i = 0; i < fine.length; i++) fine[i] = 0.7 * coarse[i]! + 0.7 * fine[i]!
  return fine
}

/** Thickness and dye of 256 threads, which then repeat. */
function drawThreads(random: Random): { half: Float32Array; tone: Float32Array } {
  const half = new Float32Array(256)
  const tone = new Float32Array(256)
  random.fillNormal(half, 0.018)
  random.fillNormal(tone, 0.07)
  return { half: half.map((value) => 0.49 + value), tone: tone.map((value) => Math.max(0.7, 1 + value)) }
}

interface Stretch {
  readonly column: number
  readonly row: number
  /** Half its length in threads. */
  readonly half: number
}

/** A crossing in the middle of the picture, and how far a fault goes from it either way. */
function chooseStretch(random: Random, cloth: Cloth, least: number, most: number): Stretch {
  const { width, height, pitch, phaseU, phaseV } = cloth
  return {
    column: Math.floor(phaseU + ((random.float64() - 0.5) * 0.7 * width) / pitch),
    row: Math.floor(phaseV + ((random.float64() - 0.5) * 0.7 * height) / pitch),
    half: least + (most - least) * random.float64(),
  }
}
