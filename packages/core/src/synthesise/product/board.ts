/**
 * A small circuit board, always the same design: two chips, a can capacitor, two rows of chip
 * resistors and capacitors, a pin header, traces and print on green lacquer.
 *
 * What changes from board to board is where each part was set down and how it was soldered, the turn of
 * the board and the tone of lacquer and bodies.
 */
import { createRandom, type Random } from '../../random.ts'
import { drawClouds, drawNoise } from '../noise.ts'
import { type Colour, createScene, type Light, paint, type Scene, visitAround } from '../scene.ts'
import { coverageOf, distanceToBox, distanceToSegment, smoothstep } from '../shape.ts'
import type { Painted } from './product.ts'

const tray: Colour = [0.05, 0.048, 0.046]
const lacquer: Colour = [0.014, 0.095, 0.042]
const print: Colour = [0.62, 0.64, 0.6]
const tin: Colour = [0.5, 0.5, 0.49]
const gold: Colour = [0.62, 0.47, 0.2]
const epoxy: Colour = [0.016, 0.016, 0.017]

/** Missing is one chip resistor or capacitor; its pads show. */
export function paintBoard(
  width: number,
  height: number,
  random: Random,
  light: Light,
  missing: number | null,
): Painted {
  const side = Math.min(width, height * 1.12)
  const scene = createScene(width, height, [0.03, 0.026, 0.018])
  const turn = 0.025 * random.normal()
  const view: View = {
    scene,
    side,
    x: width / 2 + 0.008 * side * random.normal(),
    y: height / 2 + 0.008 * side * random.normal(),
    cos: Math.cos(turn),
    sin: Math.sin(turn),
  }
  paintLacquer(view, random, light)
  for (const trace of design.traces) paintTrace(view, trace)
  for (const via of design.vias) paintRing(view, via.x, via.y, 0.009, 0.0042, tin)
  for (const [x, y] of corners) paintRing(view, x, y, 0.03, 0.018, gold)
  for (let pin = 0; pin < 7; pin++) paintPin(view, -0.4, -0.18 + 0.06 * pin, random)
  paintLabel(view, -0.14, 0.345, 15)
  paintLabel(view, 0.26, -0.345, 9)
  paintChip(view, { x: -0.06, y: -0.01, half: 0.115, pins: 11, sides: 4 }, random)
  paintChip(view, { x: 0.27, y: -0.17, half: 0.06, pins: 5, sides: 2 }, random)
  paintCan(view, 0.27, 0.16, random, light)
  const left = missing === null ? -1 : Math.floor(missing * design.parts.length)
  const absent = missing === null ? null : new Float32Array(width * height)
  design.parts.forEach((part, k) => paintPart(view, part, random, k === left ? absent : null))
  return { scene, missing: absent }
}

interface View {
  readonly scene: Scene
  /** Design coordinates are shares of this many pixels, from the middle of the board. */
  readonly side: number
  readonly x: number
  readonly y: number
  readonly cos: number
  readonly sin: number
}

interface SmallPart {
  readonly x: number
  readonly y: number
  readonly upright: boolean
  readonly body: Colour
  readonly marked: boolean
}

interface Trace {
  readonly points: readonly (readonly [number, number])[]
}

const halfX = 0.465
const halfY = 0.41
const corners = [
  [-0.415, -0.36],
  [0.415, -0.36],
  [-0.415, 0.36],
  [0.415, 0.36],
] as const

const design = drawDesign()

/** The one layout: parts in rows by hand, traces and vias from a fixed stream. */
function drawDesign(): { parts: SmallPart[]; traces: Trace[]; vias: { x: number; y: number }[] } {
  const random = createRandom(1, 'board design')
  const resistor = { body: [0.02, 0.021, 0.024] as Colour, marked: true }
  const capacitor = { body: [0.36, 0.24, 0.13] as Colour, marked: false }
  const parts: SmallPart[] = []
  for (let k = 0; k < 6; k++)
    parts.push({ x: -0.29 + 0.095 * k, y: -0.27, upright: true, ...(k % 3 === 2 ? capacitor : resistor) })
  for (let k = 0; k < 5; k++)
    parts.push({ x: -0.29 + 0.095 * k, y: 0.25, upright: true, ...(k % 2 === 1 ? capacitor : resistor) })
  for (let k = 0; k < 3; k++) parts.push({ x: -0.3, y: -0.1 + 0.09 * k, upright: false, ...capacitor })
  parts.push({ x: 0.14, y: 0.05, upright: false, ...resistor }, { x: 0.4, y: 0, upright: true, ...capacitor })
  const traces: Trace[] = []
  const vias: { x: number; y: number }[] = []
  for (let k = 0; k < 34; k++) {
    const x = -0.38 + 0.76 * random.float64()
    const y = -0.33 + 0.66 * random.float64()
    const slant = (random.integer(2) * 2 - 1) * (0.02 + 0.05 * random.float64())
    const run = (random.integer(2) * 2 - 1) * (0.05 + 0.22 * random.float64())
    const flat = random.integer(2) === 0
    const clampX = (value: number): number => Math.max(-0.43, Math.min(0.43, value))
    const clampY = (value: number): number => Math.max(-0.375, Math.min(0.375, value))
    const middle = flat ? ([clampX(x + run), y] as const) : ([x, clampY(y + run)] as const)
    const bent = [clampX(middle[0] + Math.abs(slant) * Math.sign(run)), clampY(middle[1] + slant)] as const
    const end = flat
      ? ([clampX(bent[0] + run * 0.5), bent[1]] as const)
      : ([bent[0], clampY(bent[1] + run * 0.5)] as const)
    traces.push({ points: [[x, y], middle, bent, end] })
    vias.push({ x, y }, { x: end[0], y: end[1] })
  }
  return { parts, traces, vias }
}

/** Visits pixels around a point of the design, with offsets along the board's own axes in pixels. */
function visitBoard(
  view: View,
  x: number,
  y: number,
  reach: number,
  visit: (i: number, along: number, across: number) => void,
): void {
  const { scene, side, cos, sin } = view
  const px = view.x + (x * cos - y * sin) * side
  const py = view.y + (x * sin + y * cos) * side
  visitAround(scene, px, py, reach * side + 1, (i, dx, dy) =>
    visit(i, dx * cos + dy * sin, dy * cos - dx * sin),
  )
}

function paintLacquer(view: View, random: Random, light: Light): void {
  const { scene, side, cos, sin } = view
  const { width, height } = scene
  const clouds = drawClouds(random, width, height, { cell: side / 3, octaves: 4 })
  const weave = drawNoise(random, width, height, { cellX: side / 160, cellY: side / 160 })
  const tone = 1 + 0.06 * random.normal()
  const shadowX = -light.x * 0.025 * side
  const shadowY = -light.y * 0.025 * side
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const u = (x - view.x) * cos + (y - view.y) * sin
      const v = (y - view.y) * cos - (x - view.x) * sin
      const distance = distanceToBox(u, v, halfX * side, halfY * side, 0.012 * side)
      const coverage = coverageOf(distance)
      if (coverage < 1) {
        const shadow = distanceToBox(u - shadowX, v - shadowY, halfX * side, halfY * side, 0.012 * side)
        const shade = smoothstep(0.02 * side, -0.015 * side, shadow)
        paint(scene, i, tray, (1 + 0.06 * clouds[i]! + 0.06 * weave[i]!) * (1 - 0.75 * shade), 1)
      }
      paint(scene, i, lacquer, tone * (1 + 0.05 * clouds[i]! + 0.05 * weave[i]!), coverage)
      scene.relief[i] = coverage * (0.006 * side + 0.05 * weave[i]!)
      scene.gloss[i] = coverage * 0.05
      scene.body[i] = coverage
    }
  }
}

function paintTrace(view: View, trace: Trace): void {
  const { scene, side } = view
  const half = 0.0042
  for (let k = 1; k < trace.points.length; k++) {
    const [ax, ay] = trace.points[k - 1]!
    const [bx, by] = trace.points[k]!
    const x = (ax + bx) / 2
    const y = (ay + by) / 2
    const reach = Math.hypot(bx - ax, by - ay) / 2 + half
    visitBoard(view, x, y, reach, (i, along, across) => {
      const { distance } = distanceToSegment(along / side, across / side, ax - x, ay - y, bx - x, by - y)
      const coverage = coverageOf((distance - half) * side)
      if (coverage === 0) return
      // Copper under lacquer: a lighter green, a little raised. Joints of pieces are not raised twice.
      paint(scene, i, [0.028, 0.17, 0.078], 1, 0.8 * coverage)
      scene.relief[i] = Math.max(scene.relief[i]!, (0.006 + 0.0022 * coverage) * side)
    })
  }
}

function paintRing(view: View, x: number, y: number, outer: number, inner: number, metal: Colour): void {
  const { scene, side } = view
  visitBoard(view, x, y, outer, (i, along, across) => {
    const r = Math.hypot(along, across)
    const ring = coverageOf(r - outer * side)
    const hole = coverageOf(r - inner * side)
    paint(scene, i, metal, 0.85, ring)
    paint(scene, i, scene.beneath, 0.5, hole)
    scene.gloss[i] = scene.gloss[i]! + ring * (1 - hole) * 0.15
    scene.relief[i] = scene.relief[i]! + side * (0.002 * ring - 0.006 * hole)
  })
}

/** A header pin: black square base, gold point. */
function paintPin(view: View, x: number, y: number, random: Random): void {
  const { scene, side } = view
  const lean = 0.0015 * random.normal()
  visitBoard(view, x, y, 0.045, (i, along, across) => {
    const u = along / side
    const v = across / side
    const base = coverageOf(distanceToBox(u, v, 0.03, 0.027, 0.006) * side)
    const pin = coverageOf(distanceToBox(u - lean, v + lean, 0.0095, 0.0095, 0.002) * side)
    paint(scene, i, epoxy, 1.2, base)
    paint(scene, i, gold, 1, pin)
    scene.relief[i] = scene.relief[i]! + side * (0.014 * base + 0.02 * pin)
    scene.gloss[i] = scene.gloss[i]! * (1 - base) + 0.02 * base + 0.3 * pin
  })
}

/** Print that looks like letters from where the camera is: fixed strokes in cells. */
function paintLabel(view: View, x: number, y: number, letters: number): void {
  visitBoard(view, x, y, (letters * 0.02) / 2 + 0.02, (i, along, across) => {
    paint(
      view.scene,
      i,
      print,
      1,
      0.9 * lettering(along / view.side, across / view.side, letters, 0.02, view.side),
    )
  })
}

/** Coverage of made-up letters in a row around the origin; `pitch` is the width of one. */
function lettering(u: number, v: number, letters: number, pitch: number, side: number): number {
  const place = u / pitch + letters / 2
  const letter = Math.floor(place)
  if (letter < 0 || letter >= letters || Math.abs(v) > pitch) return 0
  const s = place - letter - 0.5
  const t = v / pitch
  const kind = (letter * 7 + letters * 3) % 11
  const stroke = 0.09
  const left = Math.max(Math.abs(s + 0.28) - stroke, Math.abs(t) - 0.6)
  const right = Math.max(Math.abs(s - 0.22) - stroke, Math.abs(t) - 0.6)
  const bar = (at: number): number => Math.max(Math.abs(s + 0.03) - 0.3, Math.abs(t - at) - stroke)
  let distance = kind % 3 === 2 ? right : left
  if (kind % 2 === 0) distance = Math.min(distance, bar(-0.52))
  if (kind % 4 !== 1) distance = Math.min(distance, bar(0))
  if (kind % 5 < 3) distance = Math.min(distance, bar(0.52))
  if (kind > 7) distance = Math.min(distance, left, right)
  return coverageOf(distance * pitch * side)
}

interface Chip {
  readonly x: number
  readonly y: number
  readonly half: number
  readonly pins: number
  readonly sides: 2 | 4
}

function paintChip(view: View, chip: Chip, random: Random): void {
  const { scene, side } = view
  const x = chip.x + 0.0012 * random.normal()
  const y = chip.y + 0.0012 * random.normal()
  const { half, pins, sides } = chip
  const tone = 1 + 0.12 * random.normal()
  const pitch = (2 * half * 0.88) / pins
  visitBoard(view, x, y, half * 1.5, (i, along, across) => {
    const u = along / side
    const v = across / side
    const body = distanceToBox(u, v, half, half, 0.006)
    // Legs leave on two or four sides: the coordinate along the side picks the leg.
    const onFlank = Math.abs(u) > Math.abs(v)
    const out = (onFlank ? Math.abs(u) : Math.abs(v)) - half
    const along_ = onFlank ? v : u
    if (out > -0.004 && out < 0.03 && Math.abs(along_) < half * 0.88 && (sides === 4 || onFlank)) {
      const within = Math.abs(along_ / pitch - Math.floor(along_ / pitch) - 0.5) * pitch
      const leg = coverageOf((within - 0.27 * pitch) * side) * coverageOf((out - 0.026) * side)
      paint(scene, i, tin, 1, leg)
      scene.relief[i] = scene.relief[i]! + leg * side * 0.01 * smoothstep(0.03, 0, out)
      scene.gloss[i] = scene.gloss[i]! * (1 - leg) + 0.25 * leg
    }
    const coverage = coverageOf(body * side)
    const rim = smoothstep(0, -0.008, body)
    const dot = coverageOf((Math.hypot(u + half * 0.7, v + half * 0.7) - 0.009) * side)
    const rowOfText = Math.round(v / 0.045)
    const text =
      Math.abs(rowOfText) <= 1 && half > 0.1
        ? lettering(u, v - rowOfText * 0.045, 8 - Math.abs(rowOfText), 0.019, side)
        : 0
    paint(scene, i, epoxy, tone * (1 + 0.35 * (1 - rim)), coverage)
    paint(scene, i, print, 0.45, 0.8 * text * coverage)
    scene.relief[i] = scene.relief[i]! + coverage * side * (0.012 + 0.008 * rim - 0.003 * dot)
    scene.gloss[i] = scene.gloss[i]! * (1 - coverage) + coverage * 0.012
  })
}

/** An aluminium can capacitor seen from above, with its black half moon. */
function paintCan(view: View, x: number, y: number, random: Random, light: Light): void {
  const { scene, side } = view
  const radius = 0.085
  const turn = 0.12 * random.normal()
  visitBoard(view, x, y, radius * 1.35, (i, along, across) => {
    const u = along / side
    const v = across / side
    const base = coverageOf(distanceToBox(u, v, radius * 1.08, radius * 1.08, 0.02) * side)
    const r = Math.hypot(u, v)
    const can = coverageOf((r - radius) * side)
    const facing = r === 0 ? 0 : Math.cos(Math.atan2(v, u) - light.azimuth)
    const moon = can * coverageOf((u * Math.cos(turn) + v * Math.sin(turn) - radius * 0.45) * -side)
    const rim = Math.max(0, 1 - Math.abs(r / radius - 0.9) / 0.1)
    paint(scene, i, epoxy, 1.3, base)
    paint(scene, i, tin, 0.8 + 0.3 * facing * facing + 0.25 * rim * facing, can)
    paint(scene, i, epoxy, 1.5, 0.92 * moon * (1 - rim))
    scene.relief[i] = scene.relief[i]! + side * (0.006 * base + 0.03 * can - 0.006 * can * rim)
    scene.gloss[i] = scene.gloss[i]! * (1 - base) + 0.2 * can
  })
}

/** A chip resistor or capacitor between two pads, set down a little askew. */
function paintPart(view: View, part: SmallPart, random: Random, absent: Float32Array | null): void {
  const { scene, side } = view
  const shiftX = 0.0016 * random.normal()
  const shiftY = 0.0016 * random.normal()
  const skew = 0.03 * random.normal()
  const tone = 1 + 0.08 * random.normal()
  const solder = 1 + 0.08 * random.normal()
  visitBoard(view, part.x, part.y, 0.06, (i, along, across) => {
    // Lengthwise is s, from pad to pad.
    const s = (part.upright ? across : along) / side
    const t = (part.upright ? along : across) / side
    const pad = coverageOf(distanceToBox(Math.abs(s) - 0.031, t, 0.0155, 0.021, 0.003) * side)
    paint(scene, i, tin, 0.9, pad)
    scene.gloss[i] = scene.gloss[i]! * (1 - pad) + 0.22 * pad
    scene.relief[i] = scene.relief[i]! + pad * side * 0.003
    const a = s - shiftX + skew * t
    const b = t - shiftY - skew * s
    const body = coverageOf(distanceToBox(a, b, 0.034, 0.0185, 0.003) * side)
    if (absent !== null) {
      absent[i] = Math.max(absent[i]!, body)
      return
    }
    const cap = smoothstep(0.022, 0.0235, Math.abs(a))
    const mark = part.marked ? lettering(a, b, 3, 0.0125, side) : 0
    paint(scene, i, part.body, tone, body)
    paint(scene, i, tin, 0.95, body * cap)
    paint(scene, i, print, 0.8, 0.75 * mark * body * (1 - cap))
    const fillet = solder * pad * smoothstep(0.047, 0.034, Math.abs(a))
    scene.relief[i] += side * (0.012 * body + 0.005 * fillet)
    scene.gloss[i] = scene.gloss[i] * (1 - body) + body * (0.05 + 0.2 * cap)
  })
}
