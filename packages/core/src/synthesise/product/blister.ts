/**
 * A blister pack: twelve tablets behind clear domes on knurled foil.
 *
 * Every tablet lies where it slid to in its pocket, its score line at any angle; dome, rim and foil
 * mirror the lamp.
 */
import type { Random } from '../../random.ts'
import { cosine, lengthOf, sine } from '../angle.ts'
import { type Colour, createScene, type Light, paint, type Scene, visitAround } from '../scene.ts'
import { coverageOf, distanceToBox, smoothstep } from '../shape.ts'
import { drawClouds, drawTexture } from '../texture.ts'
import { joinCoverage, type Painted, type PaintOptions } from './product.ts'

const table: Colour = [0.035, 0.05, 0.062]
const foil: Colour = [0.36, 0.365, 0.375]
const chalk: Colour = [0.7, 0.66, 0.58]
const columns = 4
const rows = 3

/** Missing is one tablet, its pocket is empty; misplaced one that lies on the foil between pockets. */
export function paintBlister({ width, height, random, light, fault }: PaintOptions): Painted {
  const side = Math.min(width, height * 1.3)
  const scene = createScene(width, height, { beneath: [0.012, 0.012, 0.013] })
  const pack: Pack = {
    x: width / 2 + 0.008 * side * random.normal(),
    y: height / 2 + 0.008 * side * random.normal(),
    turn: 0.03 * random.normal(),
    halfX: 0.465 * side,
    halfY: 0.355 * side,
    side,
  }
  paintCard(scene, pack, random, light)
  const chalkGrain = drawTexture(random, width, height, { cellX: side / 330, cellY: side / 330 })
  const altered = fault === null ? null : new Float32Array(width * height)
  const chosen = fault === null ? -1 : fault.random.integer(columns * rows)
  const laid: Tablet[] = []
  let strayed: Tablet | null = null
  const cos = cosine(pack.turn)
  const sin = sine(pack.turn)
  const pitch = 0.225 * side
  for (let k = 0; k < columns * rows; k++) {
    const px = ((k % columns) - (columns - 1) / 2) * pitch
    const py = (Math.floor(k / columns) - (rows - 1) / 2) * pitch
    const pocket: Pocket = {
      x: pack.x + px * cos - py * sin,
      y: pack.y + px * sin + py * cos,
      radius: 0.093 * side,
    }
    const tablet: Tablet = {
      x: pocket.x + 0.004 * side * random.normal(),
      y: pocket.y + 0.004 * side * random.normal(),
      radius: 0.073 * side * (1 + 0.008 * random.normal()),
      turn: Math.PI * random.float64(),
      tone: 1 + 0.025 * random.normal(),
    }
    laid.push(tablet)
    hollow(scene, pocket)
    if (k !== chosen || fault === null) {
      paintTablet(scene, tablet, chalkGrain, light)
    } else {
      coverTablet(scene, tablet, altered)
      // Towards the middle of the pack, half a pitch and a little.
      const away = (0.42 + 0.16 * fault.random.float64()) * pitch
      if (fault.kind === 'misplaced')
        strayed = { ...tablet, x: tablet.x - Math.sign(px) * away, y: tablet.y - Math.sign(py + 1e-9) * away }
    }
    coverWithDome(scene, pocket, light)
  }
  if (strayed !== null) {
    paintTablet(scene, strayed, chalkGrain, light)
    coverTablet(scene, strayed, altered)
  }
  const tablet = new Float32Array(width * height)
  coverTablet(scene, laid[random.integer(laid.length)]!, tablet)
  return { scene, altered, homes: { crack: tablet, discolouration: tablet } }
}

interface Pack {
  readonly x: number
  readonly y: number
  readonly turn: number
  readonly halfX: number
  readonly halfY: number
  readonly side: number
}

interface Pocket {
  readonly x: number
  readonly y: number
  readonly radius: number
}

interface Tablet extends Pocket {
  readonly turn: number
  readonly tone: number
}

function paintCard(scene: Scene, pack: Pack, random: Random, light: Light): void {
  const { width, height } = scene
  const { side, halfX, halfY } = pack
  const clouds = drawClouds(random, width, height, { cell: side / 3, octaves: 5 })
  const creases = drawTexture(random, width, height, { cellX: side / 12, cellY: side / 12 })
  const grain = drawTexture(random, width, height, { cellX: side / 400, cellY: side / 400 })
  const cos = cosine(pack.turn)
  const sin = sine(pack.turn)
  const knurl = (2 * Math.PI) / (side * 0.017)
  const shadowX = -light.x * 0.02 * side
  const shadowY = -light.y * 0.02 * side
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const u = (x + 0.5 - pack.x) * cos + (y + 0.5 - pack.y) * sin
      const v = (y + 0.5 - pack.y) * cos - (x + 0.5 - pack.x) * sin
      const distance = distanceToBox(u, v, halfX, halfY, 0.035 * side)
      const coverage = coverageOf(distance)
      if (coverage < 1) {
        const shadow = distanceToBox(u - shadowX, v - shadowY, halfX, halfY, 0.035 * side)
        const shade = smoothstep(0.02 * side, -0.015 * side, shadow)
        paint(scene, i, table, (1 + 0.06 * clouds[i]! + 0.05 * grain[i]!) * (1 - 0.75 * shade), 1)
        scene.gloss[i] = 0.01
      }
      if (coverage === 0) continue
      // Diamonds pressed into the foil along both diagonals.
      const wave = cosine((u + v) * knurl) + cosine((u - v) * knurl)
      const flat = smoothstep(0, -0.02 * side, distance)
      paint(scene, i, foil, 1 + 0.05 * clouds[i]! + 0.03 * grain[i]! + 0.09 * wave * flat, coverage)
      scene.relief[i] =
        coverage * (0.3 * wave * flat * (side / 320) + 0.5 * creases[i]! * (side / 320) + 0.01 * side * flat)
      scene.gloss[i] = coverage * 0.16
      scene.body[i] = coverage
    }
  }
}

/** Inside a pocket the foil is smoother, a little darker and lower. */
function hollow(scene: Scene, pocket: Pocket): void {
  visitAround(scene, pocket.x, pocket.y, pocket.radius + 1, (i, dx, dy) => {
    const r = lengthOf(dx, dy) / pocket.radius
    const inside = smoothstep(1, 0.88, r)
    paint(scene, i, [0, 0, 0], 1, 0.3 * inside * (0.4 + 0.6 * r * r))
    scene.relief[i] = scene.relief[i]! * (1 - 0.7 * inside)
    scene.gloss[i] = scene.gloss[i]! * (1 - 0.5 * inside)
  })
}

function paintTablet(scene: Scene, tablet: Tablet, chalkGrain: Float32Array, light: Light): void {
  const { x, y, radius, turn, tone } = tablet
  const cos = cosine(turn)
  const sin = sine(turn)
  // Its shadow on the foil.
  visitAround(scene, x - light.x * 0.12 * radius, y - light.y * 0.12 * radius, 1.2 * radius, (i, dx, dy) => {
    const r = lengthOf(dx, dy) / radius
    paint(scene, i, [0, 0, 0], 1, 0.65 * smoothstep(1.16, 0.9, r))
  })
  visitAround(scene, x, y, radius + 1, (i, dx, dy) => {
    const r = lengthOf(dx, dy)
    const coverage = coverageOf(r - radius)
    if (coverage === 0) return
    const across = (dx * cos + dy * sin) / radius
    const score = Math.max(0, 1 - Math.abs(across) / 0.055) * smoothstep(0.97, 0.85, r / radius)
    const grain = chalkGrain[i]!
    const t = r / radius
    const bevel = smoothstep(0.8, 1, t)
    paint(scene, i, chalk, tone * (1 + 0.015 * grain) * (1 - 0.32 * score) * (1 - 0.08 * bevel), coverage)
    scene.relief[i] =
      scene.relief[i]! * (1 - coverage) +
      coverage * radius * (0.34 - 0.1 * t * t - 0.13 * bevel - 0.05 * score) +
      radius * 0.004 * grain * coverage
    scene.gloss[i] = coverage * 0.03
  })
}

function coverTablet(scene: Scene, { x, y, radius }: Tablet, altered: Float32Array | null): void {
  visitAround(scene, x, y, radius + 1, (i, dx, dy) => {
    joinCoverage(altered, i, coverageOf(lengthOf(dx, dy) - radius))
  })
}

/** Clear plastic: a bright rim, a highlight towards the lamp and a faint one opposite. */
function coverWithDome(scene: Scene, pocket: Pocket, light: Light): void {
  const { x, y, radius } = pocket
  const level = lengthOf(light.x, light.y)
  const lx = light.x / level
  const ly = light.y / level
  visitAround(scene, x, y, 1.12 * radius, (i, dx, dy) => {
    const r = lengthOf(dx, dy) / radius
    const towards = r === 0 ? 0 : (dx * lx + dy * ly) / (r * radius)
    const rim = Math.max(0, 1 - Math.abs(r - 1) / 0.07)
    const crescent = Math.max(0, 1 - Math.abs(r - 0.86) / 0.075) * smoothstep(0.72, 0.96, towards)
    const back = Math.max(0, 1 - Math.abs(r - 0.9) / 0.06) * smoothstep(0.55, 0.95, -towards)
    const dark = Math.max(0, 1 - Math.abs(r - 1.06) / 0.06)
    paint(scene, i, [0, 0, 0], 1, 0.35 * dark)
    paint(
      scene,
      i,
      [1, 1, 1],
      0.55 + 0.4 * Math.max(0, towards),
      0.45 * rim * (0.35 + 0.65 * Math.abs(towards)),
    )
    paint(scene, i, [1, 1, 1], 1, 0.85 * crescent + 0.18 * back)
  })
}
