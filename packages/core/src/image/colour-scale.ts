/**
 * The colours of anomaly maps: one scale, tied to the threshold and never stretched to a picture.
 *
 * A map value is calibrated: 0 to 1, the threshold at 0.5. The scale runs from indigo through violet and
 * magenta, reached at the threshold, to orange and light yellow, like the inferno family but from our own
 * control points. Lightness rises all the way (in OKLab), so the order survives every kind of colour
 * blindness and a grey printer. Opacity is nothing well below the threshold and steps up exactly there.
 */

/** Steps of the scale; value 0.5 falls on the first of its upper half. */
const steps = 256

/** The calibrated value of the threshold. */
export const thresholdValue = 0.5

/** Below this value nothing is painted. */
export const faintestValue = 0.25

/** One colour per step from value 0 to 1, and how strongly it covers the picture. */
export interface ColourScale {
  /** `[257, 3]`, red, green, blue. */
  readonly colours: Uint8Array
  /** `[257]`, 0 to 1. */
  readonly opacities: Float32Array
}

/** The scale as tables; `stepOf` gives the row. */
export function createHeatScale(): ColourScale {
  const colours = new Uint8Array((steps + 1) * 3)
  const opacities = new Float32Array(steps + 1)
  for (let i = 0; i <= steps; i++) {
    const value = i / steps
    colours.set(fromOkLab(mixControlPoints(value)), i * 3)
    opacities[i] = opacityAt(value)
  }
  return { colours, opacities }
}

/** The row of a value; values outside 0 to 1 take the ends, NaN the bottom. Never rounds up to the threshold. */
export function stepOf(value: number): number {
  return value >= 1 ? steps : value > 0 ? Math.floor(value * steps) : 0
}

/** The colour and opacity of one value, for legends. */
export function heatColourAt(
  scale: ColourScale,
  value: number,
): { readonly red: number; readonly green: number; readonly blue: number; readonly opacity: number } {
  const i = stepOf(value)
  const [red, green, blue] = scale.colours.subarray(i * 3, i * 3 + 3)
  return { red: red!, green: green!, blue: blue!, opacity: scale.opacities[i]! }
}

function opacityAt(value: number): number {
  if (value < faintestValue) return 0
  if (value < thresholdValue) return (0.35 * (value - faintestValue)) / (thresholdValue - faintestValue)
  return 0.6 + (0.2 * (value - thresholdValue)) / (1 - thresholdValue)
}

type Triple = readonly [number, number, number]

// Value, then lightness, chroma and hue in degrees (OKLCH). Lightness rises by equal parts.
const controlPoints: readonly (readonly [value: number, lightness: number, chroma: number, hue: number])[] = [
  [0, 0.22, 0.1, 285],
  [0.25, 0.4, 0.19, 300],
  [0.5, 0.58, 0.22, 0],
  [0.75, 0.76, 0.165, 55],
  [1, 0.94, 0.13, 105],
]

/** OKLab coordinates at a value, straight between the control points. */
function mixControlPoints(value: number): Triple {
  const next = Math.max(
    1,
    controlPoints.findIndex(([at]) => at >= value),
  )
  const [from, to] = [controlPoints[next - 1]!, controlPoints[next]!]
  const share = (value - from[0]) / (to[0] - from[0])
  const [a, b] = [toCartesian(from), toCartesian(to)]
  return [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share]
}

function toCartesian([, lightness, chroma, hue]: readonly [number, number, number, number]): Triple {
  const angle = (hue * Math.PI) / 180
  return [lightness, chroma * Math.cos(angle), chroma * Math.sin(angle)]
}

/** OKLab to sRGB bytes; the matrices are Björn Ottosson's (2020). */
function fromOkLab([lightness, a, b]: Triple): Triple {
  const long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
  const middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
  const short = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3
  return [
    toSrgbByte(4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short),
    toSrgbByte(-1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short),
    toSrgbByte(-0.0041960863 * long - 0.7034186147 * middle + 1.707614701 * short),
  ]
}

function toSrgbByte(linear: number): number {
  const light = Math.min(1, Math.max(0, linear))
  const encoded = light <= 0.0031308 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055
  return Math.round(encoded * 255)
}
