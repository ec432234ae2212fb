/**
 * Reads one product folder: recognises its layout by the names inside and labels every image.
 *
 * Names are compared without regard to case. Only names are read; no picture is opened.
 */
import { join } from 'node:path'
import type { Ignored, Label, Product, Sample, Split } from './dataset.ts'
import { isHeldOut } from './hold-out.ts'
import { type Listing, listFolder } from './listing.ts'
import { createMaskFinder, type MaskFinder, type MaskFolder, partMasks } from './masks.ts'
import { sortSamples } from './sort-samples.ts'

/** The layouts that folder names tell. */
export type FolderLayout = 'mvtec-ad' | 'good-and-defects' | 'plain'

/** The layout that the names in a folder speak for, or null if it holds no images that could be meant. */
export function recogniseLayout(listing: Listing): FolderLayout | null {
  const roles = new Set(listing.folders.map(roleOf))
  if (roles.has('train') || roles.has('test') || roles.has('validation')) return 'mvtec-ad'
  if (roles.has('good')) return 'good-and-defects'
  return listing.images.length > 0 ? 'plain' : null
}

/** Reads the product in `listing`. Sample identifiers start with `prefix` (`""`, or `<product>/`). */
export async function readProduct(
  listing: Listing,
  layout: FolderLayout,
  name: string,
  prefix: string,
): Promise<Product> {
  const reader = new ProductReader(listing, name, prefix)
  switch (layout) {
    case 'plain':
      reader.passOver(listing, listing.folders)
      await reader.addImages([], 'train', 'good')
      break
    case 'good-and-defects':
      await readGoodAndDefects(listing, reader)
      break
    case 'mvtec-ad':
      await readMvtecAd(listing, reader)
      break
    default:
      layout satisfies never
  }
  return reader.finish(layout)
}

type Role = 'train' | 'validation' | 'test' | 'good' | 'masks' | 'other'

/** What a folder's name says about its content. */
function roleOf(name: string): Role {
  const plain = name.toLowerCase()
  if (plain === 'train' || plain === 'good') return plain
  // BTAD has ok and ko.
  if (plain === 'ok') return 'good'
  if (plain === 'validation' || plain === 'val') return 'validation'
  // MVTec AD 2 has test_public, test_private and test_private_mixed.
  if (plain === 'test' || plain.startsWith('test_')) return 'test'
  if (['ground_truth', 'ground-truth', 'groundtruth', 'gt', 'masks', 'mask'].includes(plain)) return 'masks'
  return 'other'
}

/** Whether a folder of this name in `test` is taken for a kind of defect. */
export function isDefectFolder(name: string): boolean {
  return !['good', 'masks'].includes(roleOf(name))
}

/** Whether a folder of this name holds good images. */
export function isGoodFolder(name: string): boolean {
  return roleOf(name) === 'good'
}

async function readGoodAndDefects(listing: Listing, reader: ProductReader): Promise<void> {
  const defects = listing.folders.filter((folder) => roleOf(folder) === 'other')
  reader.passOverImages(listing)
  for (const folder of listing.folders) {
    if (roleOf(folder) === 'good') await reader.addImages([folder], 'train', 'good')
    if (roleOf(folder) === 'masks') await reader.addMasks([folder])
  }
  for (const folder of defects) await reader.addImages([folder], 'test', 'defect')
  reader.holdOut()
}

async function readMvtecAd(listing: Listing, reader: ProductReader): Promise<void> {
  reader.passOverImages(listing)
  for (const folder of listing.folders) {
    switch (roleOf(folder)) {
      case 'train':
        await readGoodSplit(folder, 'train', reader)
        break
      case 'validation':
        await readGoodSplit(folder, 'validation', reader)
        break
      case 'test':
        await readTestSplit(folder, reader)
        break
      case 'masks':
        await reader.addMasks([folder])
        break
      case 'good':
        // good/ beside test/ is the training set of a product without train/.
        await reader.addImages([folder], 'train', 'good')
        break
      case 'other':
        reader.passOver(listing, [folder])
        break
    }
  }
}

/** `train/good`, or images in `train` itself: whatever a product is trained on is good. */
async function readGoodSplit(folder: string, split: Split, reader: ProductReader): Promise<void> {
  const listing = await reader.list([folder])
  const good = listing.folders.filter((name) => roleOf(name) === 'good')
  reader.passOver(
    listing,
    listing.folders.filter((name) => roleOf(name) !== 'good'),
  )
  if (good.length === 0) await reader.addImages([folder], split, 'good', listing)
  else reader.passOverImages(listing)
  for (const name of good) await reader.addImages([folder, name], split, 'good')
}

/** `test/good`, `test/<defect>`, masks inside as in MVTec AD 2; images in `test` itself have no label. */
async function readTestSplit(folder: string, reader: ProductReader): Promise<void> {
  const listing = await reader.list([folder])
  await reader.addImages([folder], 'test', 'unknown', listing)
  for (const name of listing.folders) {
    const role = roleOf(name)
    if (role === 'masks') await reader.addMasks([folder, name])
    else await reader.addImages([folder, name], 'test', role === 'good' ? 'good' : 'defect')
  }
}

/** A sample whose mask is not looked up yet. */
interface Draft {
  readonly folder: readonly string[]
  readonly name: string
  readonly split: Split
  readonly label: Label
  readonly maskBeside: string | null
}

/** Gathers what one product folder holds. */
class ProductReader {
  readonly #listing: Listing
  readonly #name: string
  readonly #prefix: string
  readonly #masks: MaskFolder[] = []
  #drafts: Draft[] = []
  #heldOut = 0
  #hidden = 0
  #notImages = 0
  readonly #strayImages: string[] = []
  readonly #folders: string[] = []
  readonly #links: string[] = []

  constructor(listing: Listing, name: string, prefix: string) {
    this.#listing = listing
    this.#name = name
    this.#prefix = prefix
    this.#count(listing)
  }

  /** Lists a folder below the product's and counts what is passed over in it. */
  async list(folder: readonly string[]): Promise<Listing> {
    const listing = await listFolder(join(this.#listing.path, ...folder))
    this.#count(listing)
    return listing
  }

  /** Takes the images of one folder as samples; an empty path is the product's own folder. */
  async addImages(folder: readonly string[], split: Split, label: Label, known?: Listing): Promise<void> {
    let listing = known
    if (listing === undefined) {
      listing = folder.length === 0 ? this.#listing : await this.list(folder)
      if (folder.length > 0) this.passOver(listing, listing.folders)
    }
    const { images, maskOf } = partMasks(listing)
    for (const name of images) {
      this.#drafts.push({ folder, name, split, label, maskBeside: maskOf.get(name) ?? null })
    }
  }

  /** Takes a folder of masks, with one folder per defect inside or without. */
  async addMasks(folder: readonly string[]): Promise<void> {
    const top = await this.list(folder)
    const byDefect = new Map<string, Listing>()
    for (const defect of top.folders) byDefect.set(defect, await this.list([...folder, defect]))
    this.#masks.push({ top, byDefect })
  }

  passOver(listing: Listing, folders: readonly string[]): void {
    this.#folders.push(...folders.map((folder) => join(listing.path, folder)))
  }

  passOverImages(listing: Listing): void {
    this.#strayImages.push(...listing.images.map((image) => join(listing.path, image)))
  }

  /** Moves some good images to the test split, if there are defects to compare them with. */
  holdOut(): void {
    if (!this.#drafts.some((draft) => draft.label === 'defect')) return
    let index = 0
    this.#drafts = this.#drafts.map((draft) => {
      if (draft.label !== 'good' || !isHeldOut(index++)) return draft
      this.#heldOut++
      return { ...draft, split: 'test' }
    })
  }

  finish(layout: FolderLayout): Product {
    const defects = this.#drafts.filter((draft) => draft.label === 'defect')
    const finder = createMaskFinder(
      this.#masks,
      defects.map((draft) => draft.name),
    )
    const samples = this.#drafts.map((draft) => this.#toSample(draft, finder))
    return {
      name: this.#name,
      path: this.#listing.path,
      layout,
      samples: sortSamples(samples),
      heldOut: this.#heldOut,
      masksWithoutImage: finder.unclaimed(),
      defectKinds: null,
      ignored: this.#ignored(),
    }
  }

  #toSample(draft: Draft, finder: MaskFinder): Sample {
    const { folder, name, split, label } = draft
    const defect = label === 'defect' ? (folder.at(-1) ?? null) : null
    // Some sets have black masks for good images; they say nothing new, but are claimed all the same.
    const mask = finder.find(folder.at(-1) ?? '', name) ?? draft.maskBeside
    return {
      id: this.#prefix + [...folder, name].join('/'),
      path: join(this.#listing.path, ...folder, name),
      product: this.#name,
      split,
      label,
      defect,
      maskPath: defect === null ? null : mask,
      condition: null,
    }
  }

  #ignored(): Ignored {
    return {
      hidden: this.#hidden,
      notImages: this.#notImages,
      strayImages: this.#strayImages,
      folders: this.#folders,
      links: this.#links,
    }
  }

  #count(listing: Listing): void {
    this.#hidden += listing.hidden
    this.#notImages += listing.notImages
    this.#links.push(...listing.brokenLinks)
  }
}
