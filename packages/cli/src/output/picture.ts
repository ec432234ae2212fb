/** The small pictures of a page and the outlines drawn over them. */
import type { ColourAt, InspectedImage, OutlineOptions, Pictures, ZonePlane } from '@assay/core'
import type { Core } from '../core.ts'

/** Longest side of a small picture in pixels. */
const longestPx = 480

export interface SmallPictures {
  /** JPEG of the part. */
  readonly part: Uint8Array
  /** JPEG of the part with the heat map over it. */
  readonly heat: Uint8Array
  /** What a page needs besides the links. */
  readonly drawing: Pick<Pictures, 'width' | 'height' | 'outline' | 'truth' | 'zones'>
}

/** Makes both small pictures; `truth` is the true mask, `[height, width]`, where it is known. */
export async function makeSmallPictures(
  core: Core,
  inspected: InspectedImage,
  truth: Uint8Array | null,
): Promise<SmallPictures> {
  const { width, height } = inspected
  const scale = Math.min(1, longestPx / Math.max(width, height))
  const w = Math.max(1, Math.round(width * scale))
  const h = Math.max(1, Math.round(height * scale))
  const full = core.toRgb8(inspected.image)
  const pixels = core.resizeBilinear(full.pixels, width, height, 3, w, h)
  const scores = core.resizePlane(inspected.calibratedMap, width, height, w, h)
  const heated = core.drawOverlay({ width: w, height: h, channels: 3, depth: 8, pixels }, { scores })
  // Details smaller than about half a pixel of the small picture would not be seen.
  const outlineOptions = { tolerancePx: scale < 1 ? 0.6 / scale : 0 }
  return {
    part: await core.encodeJpeg(pixels, w, h, 3),
    heat: await core.encodeJpeg(heated.pixels, w, h, 3),
    drawing: {
      width,
      height,
      outline: core.outlineMask(inspected.mask, width, height, outlineOptions),
      truth: truth === null ? '' : core.outlineMask(truth, width, height, outlineOptions),
      zones:
        inspected.zones === null ? '' : outlineZones(core, inspected.zones, width, height, outlineOptions),
    },
  }
}

function outlineZones(
  core: Core,
  zones: ZonePlane,
  width: number,
  height: number,
  options: OutlineOptions,
): string {
  const labels = [...new Set(zones)].filter((label) => label !== 0)
  return labels
    .map((label) =>
      core.outlineMask(
        zones.map((own) => (own === label ? 255 : 0)),
        width,
        height,
        options,
      ),
    )
    .join('')
}

/** CSS colours of the heat maps, for the legend: with the opacity with which they are painted. */
export function heatColours(core: Core): ColourAt {
  const scale = core.createHeatScale()
  return (calibrated) => {
    const { red, green, blue, opacity } = core.heatColourAt(scale, calibrated)
    return `rgb(${red} ${green} ${blue} / ${opacity.toFixed(3)})`
  }
}
