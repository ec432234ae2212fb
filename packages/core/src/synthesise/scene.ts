/**
 * A part before it is photographed: what each point reflects, how high it lies, how shiny it is.
 *
 * Products paint into a scene and defects change it; only then is it lit. So a scratch catches the light
 * like the surface around it, and a part with and without a defect differ nowhere else.
 */

export type Colour = readonly [red: number, green: number, blue: number]

export interface Scene {
  readonly width: number
  readonly height: number
  /** Reflected share of light, linear, `[h, w, 3]`. */
  readonly albedo: Float32Array
  /** Height in pixels, `[h, w]`. */
  readonly relief: Float32Array
  /** Strength of mirror-like reflection, `[h, w]`, 0 to 1. */
  readonly gloss: Float32Array
  /** Share of each pixel that belongs to the part, `[h, w]`, 0 to 1: where defects may be. */
  readonly body: Float32Array
  readonly material: Material
}

export interface Material {
  /** What shows through a hole. */
  readonly beneath: Colour
  /** What shows in a crack; as `beneath` if left out. */
  readonly inside?: Colour
  /** Brush marks or fibres, if there are any. */
  readonly grain?: Grain
}

interface Grain {
  /** In radians; scratches cross it. */
  readonly direction: number
  /** Whether it goes deep, so that cracks follow it. */
  readonly leadsCracks: boolean
}

/** Where the main light comes from and how strong it is, drawn anew for every picture. */
export interface Light {
  /** Direction in the picture in radians, x right and y down. */
  readonly azimuth: number
  /** Towards the light, of length 1; z points to the camera. */
  readonly x: number
  readonly y: number
  readonly z: number
  readonly strength: number
  readonly colour: Colour
}

export function createScene(width: number, height: number, material: Material): Scene {
  const pixels = width * height
  return {
    width,
    height,
    albedo: new Float32Array(3 * pixels),
    relief: new Float32Array(pixels),
    gloss: new Float32Array(pixels),
    body: new Float32Array(pixels),
    material,
  }
}

/** Blends a colour over the point `i`. */
export function paint(scene: Scene, i: number, colour: Colour, tone: number, coverage: number): void {
  const { albedo } = scene
  const at = 3 * i
  const rest = 1 - coverage
  const share = coverage * tone
  albedo[at] = albedo[at]! * rest + colour[0] * share
  albedo[at + 1] = albedo[at + 1]! * rest + colour[1] * share
  albedo[at + 2] = albedo[at + 2]! * rest + colour[2] * share
}

/** Calls `visit` for each pixel whose centre may lie within `radius` of a point, with the way from there to it. */
export function visitAround(
  scene: { readonly width: number; readonly height: number },
  centreX: number,
  centreY: number,
  radius: number,
  visit: (i: number, dx: number, dy: number) => void,
): void {
  const { width, height } = scene
  const left = Math.max(0, Math.floor(centreX - radius))
  const right = Math.min(width - 1, Math.ceil(centreX + radius))
  const top = Math.max(0, Math.floor(centreY - radius))
  const bottom = Math.min(height - 1, Math.ceil(centreY + radius))
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) visit(y * width + x, x + 0.5 - centreX, y + 0.5 - centreY)
  }
}
