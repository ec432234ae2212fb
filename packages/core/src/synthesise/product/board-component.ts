/** What is soldered to a circuit board: header pins, chips, a can capacitor, chip resistors and capacitors. */
import type { Random } from '../../random.ts'
import { arctangent, cosine, lengthOf, sine } from '../angle.ts'
import { type Colour, type Light, paint } from '../scene.ts'
import { coverageOf, distanceToBox, smoothstep } from '../shape.ts'
import { epoxy, gold, lettering, print, tin, type View, visitBoard } from './board-view.ts'
import { type Fault, hideBody, joinCoverage } from './product.ts'

export interface SmallPart {
  readonly x: number
  readonly y: number
  readonly upright: boolean
  readonly body: Colour
  readonly marked: boolean
}

/** A header pin: black square base, gold point. */
export function paintPin(view: View, x: number, y: number, random: Random): void {
  const { scene, side } = view
  const lean = 0.0015 * random.normal()
  visitBoard(view, x, y, 0.045, (i, along, across) => {
    const u = along / side
    const v = across / side
    const base = coverageOf(distanceToBox(u, v, 0.03, 0.027, 0.006) * side)
    const pin = coverageOf(distanceToBox(u - lean, v + lean, 0.0095, 0.0095, 0.002) * side)
    paint(scene, i, epoxy, 1.2, base)
    paint(scene, i, gold, 1, pin)
    scene.relief[i] = scene.relief[i]! * (1 - base) + side * (0.02 * base + 0.02 * pin)
    scene.gloss[i] = scene.gloss[i]! * (1 - base) + 0.02 * base + 0.3 * pin
    hideBody(scene, i, base)
  })
}

export interface Chip {
  readonly x: number
  readonly y: number
  readonly half: number
  readonly pins: number
  readonly sides: 2 | 4
}

export function paintChip(view: View, chip: Chip, random: Random): void {
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
    const dot = coverageOf((lengthOf(u + half * 0.7, v + half * 0.7) - 0.009) * side)
    const rowOfText = Math.round(v / 0.045)
    const text =
      Math.abs(rowOfText) <= 1 && half > 0.1
        ? lettering(u, v - rowOfText * 0.045, 8 - Math.abs(rowOfText), 0.019, side)
        : 0
    paint(scene, i, epoxy, tone * (1 + 0.35 * (1 - rim)), coverage)
    paint(scene, i, print, 0.45, 0.8 * text * coverage)
    scene.relief[i] =
      scene.relief[i]! * (1 - coverage) + coverage * side * (0.018 + 0.008 * rim - 0.003 * dot)
    scene.gloss[i] = scene.gloss[i]! * (1 - coverage) + coverage * 0.012
    hideBody(scene, i, coverage)
  })
}

/** An aluminium can capacitor seen from above, with its black half moon. */
export function paintCan(view: View, x: number, y: number, random: Random, light: Light): void {
  const { scene, side } = view
  const radius = 0.085
  const turn = 0.12 * random.normal()
  visitBoard(view, x, y, radius * 1.35, (i, along, across) => {
    const u = along / side
    const v = across / side
    const base = coverageOf(distanceToBox(u, v, radius * 1.08, radius * 1.08, 0.02) * side)
    const r = lengthOf(u, v)
    const can = coverageOf((r - radius) * side)
    const facing = r === 0 ? 0 : cosine(arctangent(v, u) - light.azimuth)
    const moon = can * coverageOf((u * cosine(turn) + v * sine(turn) - radius * 0.45) * -side)
    const rim = Math.max(0, 1 - Math.abs(r / radius - 0.9) / 0.1)
    paint(scene, i, epoxy, 1.3, base)
    paint(scene, i, tin, 0.8 + 0.3 * facing * facing + 0.25 * rim * facing, can)
    paint(scene, i, epoxy, 1.5, 0.92 * moon * (1 - rim))
    scene.relief[i] = scene.relief[i]! * (1 - base) + side * (0.012 * base + 0.03 * can - 0.006 * can * rim)
    scene.gloss[i] = scene.gloss[i]! * (1 - base) + 0.2 * can
    hideBody(scene, i, base)
  })
}

/** A chip resistor or capacitor between two pads, set down a little askew, or as the fault has it. */
export function paintPart(
  view: View,
  part: SmallPart,
  random: Random,
  fault: Fault | null,
  altered: Float32Array | null,
): void {
  const { scene, side } = view
  const shiftX = 0.0016 * random.normal()
  const shiftY = 0.0016 * random.normal()
  const skew = 0.03 * random.normal()
  const tone = 1 + 0.08 * random.normal()
  const solder = 1 + 0.08 * random.normal()
  const moved = fault?.kind === 'misplaced' ? drawMove(fault.random) : { x: 0, y: 0, turn: 0 }
  const cos = cosine(moved.turn + skew)
  const sin = sine(moved.turn + skew)
  visitBoard(view, part.x, part.y, 0.085, (i, along, across) => {
    // Lengthwise is s, from pad to pad.
    const s = (part.upright ? across : along) / side
    const t = (part.upright ? -along : across) / side
    const pad = coverageOf(distanceToBox(Math.abs(s) - 0.031, t, 0.0155, 0.021, 0.003) * side)
    paint(scene, i, tin, 0.9, pad)
    scene.gloss[i] = scene.gloss[i]! * (1 - pad) + 0.22 * pad
    scene.relief[i] = scene.relief[i]! + pad * side * 0.003
    if (fault !== null) joinCoverage(altered, i, coverageOf(distanceToBox(s, t, 0.034, 0.0185, 0.003) * side))
    if (fault?.kind === 'missing') return
    const ds = s - shiftX - moved.x
    const dt = t - shiftY - moved.y
    const a = ds * cos + dt * sin
    const b = dt * cos - ds * sin
    const body = coverageOf(distanceToBox(a, b, 0.034, 0.0185, 0.003) * side)
    if (fault !== null) joinCoverage(altered, i, body)
    const cap = smoothstep(0.022, 0.0235, Math.abs(a))
    const mark = part.marked ? lettering(a, b, 3, 0.0125, side) : 0
    paint(scene, i, part.body, tone, body)
    paint(scene, i, tin, 0.95, body * cap)
    paint(scene, i, print, 0.8, 0.75 * mark * body * (1 - cap))
    const fillet = fault === null ? solder * pad * smoothstep(0.047, 0.034, Math.abs(a)) : 0
    scene.relief[i] = scene.relief[i] * (1 - body) + side * (0.021 * body + 0.005 * fillet)
    scene.gloss[i] = scene.gloss[i] * (1 - body) + body * (0.05 + 0.2 * cap)
    hideBody(scene, i, body)
  })
}

/** How far a part slid off its pads, in shares of the board, and how far it turned. */
function drawMove(random: Random): { x: number; y: number; turn: number } {
  const sign = (): number => 2 * random.integer(2) - 1
  return {
    x: sign() * 0.016 * random.float64(),
    y: sign() * (0.008 + 0.014 * random.float64()),
    turn: sign() * (0.3 + 0.6 * random.float64()),
  }
}
