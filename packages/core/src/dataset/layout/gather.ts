/** A product whose samples a layout found on its own, without the reader of folder names. */
import { join } from 'node:path'
import type { Ignored, Product, ProductLayout, Sample } from '../dataset.ts'
import type { Listing } from '../listing.ts'
import { compareNatural } from '../natural-order.ts'
import { sortSamples } from '../sort-samples.ts'
import { nothingIgnored } from './folders.ts'

export interface Gathered {
  readonly name: string
  readonly path: string
  readonly layout: ProductLayout
  readonly samples: readonly Sample[]
  readonly masksWithoutImage?: readonly string[]
  readonly ignored?: Ignored
}

export function gatherProduct(gathered: Gathered): Product {
  const { samples, masksWithoutImage = [], ignored = nothingIgnored } = gathered
  return {
    ...gathered,
    samples: sortSamples(samples),
    heldOut: 0,
    masksWithoutImage,
    defectKinds: null,
    ignored,
  }
}

/** One product per name that the samples give, in natural order; each is at `pathOf` its name. */
export function gatherProducts(
  samples: readonly Sample[],
  layout: ProductLayout,
  pathOf: (name: string) => string,
): Product[] {
  return [...Map.groupBy(samples, (sample) => sample.product)]
    .map(([name, own]) => gatherProduct({ name, path: pathOf(name), layout, samples: own }))
    .sort((a, b) => compareNatural(a.name, b.name))
}

/** What is passed over in a folder of which only some folders mean something. */
export function ignoredExcept(listing: Listing, folders: readonly string[]): Ignored {
  return {
    hidden: listing.hidden,
    notImages: listing.notImages,
    strayImages: listing.images.map((image) => join(listing.path, image)),
    folders: listing.folders
      .filter((name) => !folders.includes(name))
      .map((name) => join(listing.path, name)),
    links: listing.brokenLinks,
  }
}
