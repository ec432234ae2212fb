/**
 * Zones: which parts of a picture are inspected, and the rules that hold in each.
 *
 * A file of zones is what people write; the model card keeps them with masks as runs and with the thresholds that
 * good pictures gave. Later zones lie over earlier ones.
 */
import { z } from 'zod'
import { AssayError } from './error.ts'
import { parseRate } from './rate.ts'

const rateSchema = z.preprocess(
  (value) => (typeof value === 'string' ? (parseRate(value) ?? value) : value),
  z.number('a rate such as "1 in 500", "0.2%" or 0.002').min(0.00001).max(0.5),
)

const pointSchema = z.tuple([z.number(), z.number()])

const rules = {
  falseAlarms: rateSchema
    .optional()
    .describe(
      'share of good images that may be called defect because of this zone; an even share by default',
    ),
  falseMasks: rateSchema
    .optional()
    .describe('share of good images in whose mask something may show in this zone; an even share by default'),
  smallestAreaPx: z.number().min(0).optional().describe('regions of fewer pixels do not count'),
  smallestAreaMm2: z.number().min(0).optional().describe('the same in square millimetres'),
  mostRegions: z.int().min(0).optional().describe('so many regions are tolerated'),
}

const zoneFileSchema = z.strictObject({
  name: z.string().min(1).max(80),
  kind: z.enum(['inspect', 'ignore']),
  polygon: z.array(pointSchema).min(3).max(10_000).optional().describe('corners [x, y]'),
  mask: z
    .string()
    .min(1)
    .optional()
    .describe('picture, beside the file of zones, that is not black inside the zone; scaled to the image'),
  ...rules,
})

/** What `assay calibrate --zones` reads. A zone without polygon and mask is the whole picture. */
export const zonesFileSchema = z.strictObject({
  unit: z
    .enum(['pixel', 'relative'])
    .default('pixel')
    .describe('of the corners: pixels of the image, or 0 to 1 of its width and height'),
  mmPerPixel: z.number().positive().nullable().default(null).describe('of the image; null if not known'),
  zones: z.array(zoneFileSchema).min(1).max(200),
})
export type ZonesFile = z.infer<typeof zonesFileSchema>

const shapeSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('whole') }),
  z.strictObject({
    kind: z.literal('polygon'),
    unit: z.enum(['pixel', 'relative']),
    corners: z.array(pointSchema),
  }),
  z.strictObject({
    kind: z.literal('mask'),
    width: z.int(),
    height: z.int(),
    runs: z.array(z.int()).describe('lengths of runs in raster order, outside and inside in turn'),
  }),
])
export type ZoneShape = z.infer<typeof shapeSchema>

const levelSchema = z.strictObject({ threshold: z.number(), scale: z.number().positive() })

const zoneSchema = z.strictObject({
  name: z.string(),
  kind: z.enum(['inspect', 'ignore']),
  shape: shapeSchema,
  ...rules,
  image: levelSchema.optional().describe('decides the verdict on the zone; absent in one that is ignored'),
  pixel: levelSchema.optional().describe('decides the mask in the zone'),
  unsure: z.number().nullable().optional().describe('as that of the product'),
})
export type Zone = z.infer<typeof zoneSchema>

/** Zones in a model card. */
export const zonesSchema = z.strictObject({
  mmPerPixel: z.number().positive().nullable(),
  zones: z.array(zoneSchema),
})
export type Zones = z.infer<typeof zonesSchema>

/** Reads parsed JSON; `path` is what errors call the file. Throws ZONES_INVALID with the place in the JSON. */
export function parseZonesFile(value: unknown, path: string): ZonesFile {
  const result = zonesFileSchema.safeParse(value)
  const refuse = (where: string, reason: string): never => {
    throw new AssayError('ZONES_INVALID', { path, where, reason })
  }
  if (!result.success) {
    const [issue] = result.error.issues
    const place = placeOf(issue?.path ?? [])
    const reason =
      issue?.code === 'unrecognized_keys' ? `unknown key "${issue.keys[0]}"` : (issue?.message ?? '')
    return refuse(place, reason)
  }
  const { zones, unit, mmPerPixel } = result.data
  for (const [i, zone] of zones.entries()) {
    const at = `zones[${i}]`
    if (zone.polygon !== undefined && zone.mask !== undefined) refuse(at, 'it has both a polygon and a mask')
    if (zones.findIndex(({ name }) => name === zone.name) < i)
      refuse(`${at}.name`, `"${zone.name}" is there twice`)
    if (zone.smallestAreaMm2 !== undefined && mmPerPixel === null)
      refuse(`${at}.smallestAreaMm2`, 'square millimetres need mmPerPixel')
    if (zone.smallestAreaMm2 !== undefined && zone.smallestAreaPx !== undefined)
      refuse(at, 'it has a smallest area both in pixels and in square millimetres')
    for (const key of Object.keys(rules))
      if (zone.kind === 'ignore' && Object.hasOwn(zone, key))
        refuse(`${at}.${key}`, 'an ignored zone has no rules')
    for (const [c, corner] of (zone.polygon ?? []).entries())
      if (unit === 'relative' && corner.some((v) => v < 0 || v > 1))
        refuse(`${at}.polygon[${c}]`, `relative corners lie between 0 and 1, not at ${corner.join(', ')}`)
  }
  if (
    !zones.some((zone) => zone.kind === 'inspect') &&
    zones.some((zone) => zone.polygon === undefined && zone.mask === undefined)
  )
    refuse('zones', 'nothing is left to inspect')
  return result.data
}

/** "zones[2].polygon[0]" */
function placeOf(path: readonly PropertyKey[]): string {
  const text = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('')
  return text === '' ? 'the top level' : text.replace(/^\./, '')
}
