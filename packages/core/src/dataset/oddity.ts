/**
 * What a careful person would look at before training, each finding with a sentence and examples.
 *
 * Judges only what `describeDataset` collected; opens no file itself.
 */
import type { ImageHeader } from '../image/index.ts'
import type { Ignored, Product, Sample } from './dataset.ts'
import { defectKindFile } from './defect-kind.ts'
import type { Oddity, OddityCode } from './description.ts'
import { summariseModes, summariseSizes } from './summary.ts'

export interface MaskFinding {
  readonly isEmpty: boolean
  readonly isBinary: boolean
  /** The first value in it that is not black. */
  readonly maskValue: number
  /** Has the size of its image, as far as the image could be read. */
  readonly fits: boolean
}

/** What the files of a product turned out to be, by path. */
export interface ProductFindings {
  readonly headers: ReadonlyMap<string, ImageHeader>
  readonly unreadable: ReadonlyMap<string, string>
  readonly masks: ReadonlyMap<string, MaskFinding>
  /** Groups of equal image files. */
  readonly duplicates: readonly (readonly string[])[]
}

/** Fewer good training images than this are called few. */
const fewImages = 20
/** Images with a shorter side below this are called small. */
const smallSidePx = 64
const exampleCount = 5

/** Oddities of a product, or of what lies beside the products when `findings` is null. */
export function findOddities(
  product: Product | { readonly name: null; readonly ignored: Ignored },
  findings: ProductFindings | null,
  toShort: (path: string) => string,
): Oddity[] {
  const oddities: Oddity[] = []
  const report: Report = (code, found, say) => {
    if (found.length === 0) return
    oddities.push({
      code,
      product: product.name,
      count: found.length,
      examples: found.slice(0, exampleCount).map((paths) => paths.map(toShort).join(' = ')),
      sentence: say(found.length),
    })
  }
  if (product.name !== null && findings !== null) {
    judgeImages(product, findings, report, oddities)
    judgeDuplicates(product, findings, report)
    judgeMasks(product, findings, report)
  }
  const { folders, strayImages, links } = product.ignored
  report(
    'FOLDERS_NOT_USED',
    single(folders),
    (n) =>
      `${many(n, 'folder has', 'folders have')} no meaning in this layout and ${n === 1 ? 'is' : 'are'} not used.`,
  )
  report(
    'IMAGES_NOT_USED',
    single(strayImages),
    (n) =>
      `${many(n, 'image lies', 'images lie')} where this layout expects none and ${n === 1 ? 'is' : 'are'} not used.`,
  )
  report(
    'LINKS_NOT_FOLLOWED',
    single(links),
    (n) => `${many(n, 'link leads', 'links lead')} nowhere or back to a folder above.`,
  )
  return oddities
}

type Report = (
  code: OddityCode,
  found: readonly (readonly string[])[],
  say: (count: number) => string,
) => void

function judgeImages(product: Product, findings: ProductFindings, report: Report, oddities: Oddity[]): void {
  const { samples } = product
  const { headers, unreadable } = findings
  const say = (code: OddityCode, count: number, sentence: string): void => {
    oddities.push({ code, product: product.name, count, examples: [], sentence })
  }
  const reasons = [...new Set(unreadable.values())].sort().slice(0, 3).join('; ')
  report(
    'UNREADABLE',
    single([...unreadable.keys()].sort()),
    (n) => `${many(n, 'file', 'files')} cannot be read: ${reasons}.`,
  )
  const training = samples.filter((sample) => sample.split === 'train' && headers.has(sample.path)).length
  if (training === 0) {
    say(
      'NO_TRAINING_IMAGES',
      0,
      'There is no readable good image to learn from; the folder serves for evaluation only.',
    )
  } else if (training < fewImages) {
    say(
      'FEW_TRAINING_IMAGES',
      training,
      `There ${training === 1 ? 'is' : 'are'} only ${many(training, 'good image', 'good images')} to learn from; ${fewImages} or more are better.`,
    )
  }
  const test = samples.filter((sample) => sample.split === 'test')
  if (test.some(isDefect) && !test.some((sample) => sample.label === 'good')) {
    say(
      'NO_GOOD_TEST_IMAGES',
      0,
      'There are defects but no good test images, so image metrics cannot be given.',
    )
  }
  const goodTest = test.filter((sample) => sample.label === 'good').length
  if (goodTest > 0 && goodTest === test.length) {
    say(
      'NO_DEFECTS',
      goodTest,
      'There are good test images but no defects, so only false alarms can be counted.',
    )
  }
  const small = samples.filter(({ path }) => {
    const header = headers.get(path)
    return header !== undefined && Math.min(header.width, header.height) < smallSidePx
  })
  report(
    'SMALL_IMAGES',
    pathsOf(small),
    (n) =>
      `${many(n, 'image is', 'images are')} smaller than ${smallSidePx} pixels on a side; fine defects cannot be seen.`,
  )
  judgeSizes(headers, report, say)
  const modes = summariseModes([...headers.values()])
  if (modes.length > 1) {
    const words = modes.map(
      (mode) => `${mode.count} ${mode.channels === 1 ? 'grey' : 'colour'} ${mode.depth}-bit`,
    )
    say('MIXED_MODES', modes.length, `Images are of different kinds: ${words.join(', ')}.`)
  }
}

/** Names the images of another size where most have one size. */
function judgeSizes(
  headers: ReadonlyMap<string, ImageHeader>,
  report: Report,
  say: (code: OddityCode, count: number, sentence: string) => void,
): void {
  const sizes = summariseSizes([...headers.values()])
  if (sizes === null || sizes.distinctCount === 1) return
  const { smallest, largest, distinctCount, distinct } = sizes
  const ranges = `${distinctCount} different sizes, widths ${range(smallest.width, largest.width)} and heights ${range(smallest.height, largest.height)}`
  const usual = distinct?.[0]
  if (usual === undefined || 2 * usual.count <= headers.size) {
    say('MIXED_SIZES', distinctCount, `Images have ${ranges}.`)
    return
  }
  const { width, height } = usual
  const others = [...headers].filter(([, header]) => header.width !== width || header.height !== height)
  report(
    'MIXED_SIZES',
    single(others.map(([path]) => path).sort()),
    (n) =>
      `${many(n, 'image does', 'images do')} not have the ${width} x ${height} pixels of the others; there are ${ranges}.`,
  )
}

function judgeDuplicates(product: Product, findings: ProductFindings, report: Report): void {
  const byPath = new Map(product.samples.map((sample) => [sample.path, sample]))
  const groups = findings.duplicates.map((group) => group.flatMap((path) => byPath.get(path) ?? []))
  const isLearnt = (sample: Sample): boolean => sample.split !== 'test'
  const within = groups.map((group) => group.filter(isLearnt)).filter((group) => group.length > 1)
  const across = groups.filter((group) => group.some(isLearnt) && group.some((sample) => !isLearnt(sample)))
  const torn = groups.filter(
    (group) => group.some(isDefect) && group.some((sample) => sample.label === 'good'),
  )
  const paths = (found: readonly (readonly Sample[])[]): string[][] =>
    found.map((group) => group.map((sample) => sample.path))
  report(
    'DUPLICATES_IN_TRAINING',
    paths(within),
    (n) =>
      `${many(n, 'image is', 'images are')} in the training set more than once, byte for byte; copies teach nothing and distort the held-out threshold.`,
  )
  report(
    'DUPLICATES_ACROSS_SPLITS',
    paths(across),
    (n) =>
      `${many(n, 'image is', 'images are')} both in training and in test, byte for byte; the evaluation will look better than it is.`,
  )
  report(
    'DUPLICATES_WITH_TWO_LABELS',
    paths(torn),
    (n) => `${many(n, 'image is', 'images are')} labelled both good and defect.`,
  )
}

function judgeMasks(product: Product, findings: ProductFindings, report: Report): void {
  const defects = product.samples.filter(isDefect)
  const without = defects.filter((sample) => sample.maskPath === null)
  report('DEFECTS_WITHOUT_MASK', pathsOf(without), (n) =>
    n === defects.length
      ? 'No defect image has a mask, so pixel metrics cannot be given.'
      : `${many(n, 'defect image has', 'defect images have')} no mask and ${n === 1 ? 'takes' : 'take'} no part in pixel metrics.`,
  )
  report(
    'MASKS_WITHOUT_IMAGE',
    single(product.masksWithoutImage),
    (n) => `${many(n, 'mask belongs', 'masks belong')} to no image.`,
  )
  const maskPaths = [...findings.masks.keys()]
  const having = (test: (mask: MaskFinding) => boolean): string[][] =>
    single(maskPaths.filter((path) => test(findings.masks.get(path)!)).sort())
  report(
    'MASKS_EMPTY',
    having((mask) => mask.isEmpty),
    (n) => `${many(n, 'mask of a defect image is', 'masks of defect images are')} black all over.`,
  )
  report(
    'MASKS_OF_ANOTHER_SIZE',
    having((mask) => !mask.fits),
    (n) =>
      `${many(n, 'mask has', 'masks have')} another size than the image; evaluation refuses ${n === 1 ? 'it' : 'them'}.`,
  )
  report(
    'MASKS_NOT_BINARY',
    // VisA numbers the kinds of defects, and says so in its notes.
    having((mask) => !mask.isBinary && product.layout !== 'visa'),
    (n) =>
      `${many(n, 'mask has', 'masks have')} more than two grey levels; every pixel that is not black counts as defect.`,
  )
  if (product.defectKinds === null) return
  const known = new Set(product.defectKinds.map((kind) => kind.maskValue))
  report(
    'MASK_VALUES_UNKNOWN',
    having((mask) => !mask.isEmpty && !known.has(mask.maskValue)),
    (n) => `${many(n, 'mask has', 'masks have')} a value that ${defectKindFile} does not explain.`,
  )
}

const range = (from: number, to: number): string => (from === to ? `all ${from}` : `from ${from} to ${to}`)
const isDefect = (sample: Sample): boolean => sample.label === 'defect'
const single = (paths: readonly string[]): string[][] => paths.map((path) => [path])
const pathsOf = (samples: readonly Sample[]): string[][] => samples.map((sample) => [sample.path])
const many = (count: number, one: string, more: string): string => `${count} ${count === 1 ? one : more}`
