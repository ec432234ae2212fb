/**
 * The published counts of the datasets that are known by name.
 *
 * Sets in the MVTec AD layout are listed as training, good test and defect test images of each product.
 */
import type { PublishedCounts, PublishedSet } from './published.ts'

export const mvtecAd: PublishedSet = {
  name: 'MVTec AD',
  standing: 'established',
  source: 'the table of the MVTec AD paper (Bergmann et al. 2019)',
  images: 5354,
  products: trainAndTest({
    bottle: [209, 20, 63],
    cable: [224, 58, 92],
    capsule: [219, 23, 109],
    carpet: [280, 28, 89],
    grid: [264, 21, 57],
    hazelnut: [391, 40, 70],
    leather: [245, 32, 92],
    metal_nut: [220, 22, 93],
    pill: [267, 26, 141],
    screw: [320, 41, 119],
    tile: [230, 33, 84],
    toothbrush: [60, 12, 30],
    transistor: [213, 60, 40],
    wood: [247, 19, 60],
    zipper: [240, 32, 119],
  }),
  notes: [],
}

export const mvtecAd2: PublishedSet = {
  name: 'MVTec AD 2',
  standing: 'established',
  source: 'the MVTec AD 2 paper (arXiv 2503.21622); the private splits also by its public code utils',
  images: 8004,
  products: new Map(
    Object.entries({
      can: ad2(412, 46, 72, 90, 321),
      fabric: ad2(387, 43, 66, 90, 314),
      fruit_jelly: ad2(263, 37, 20, 60, 255),
      rice: ad2(313, 35, 42, 90, 277),
      sheet_metal: ad2(137, 19, 24, 90, 142),
      vial: ad2(291, 41, 35, 105, 276),
      wallplugs: ad2(293, 33, 60, 90, 232),
      walnuts: ad2(432, 48, 60, 90, 228),
    }),
  ),
  notes: [
    'test_private and test_private_mixed have no labels: results on them come from the benchmark server only.',
    'good/ and bad/ use the same file names.',
  ],
}

export const visa: PublishedSet = {
  name: 'VisA',
  standing: 'established',
  source: 'split_csv/1cls.csv of amazon-science/spot-diff',
  images: 10821,
  products: trainAndTest({
    candle: [900, 100, 100],
    capsules: [542, 60, 100],
    cashew: [450, 50, 100],
    chewinggum: [453, 50, 100],
    fryum: [450, 50, 100],
    macaroni1: [900, 100, 100],
    macaroni2: [900, 100, 100],
    pcb1: [904, 100, 100],
    pcb2: [901, 100, 100],
    pcb3: [905, 101, 100],
    pcb4: [904, 101, 100],
    pipe_fryum: [450, 50, 100],
  }),
  notes: ['Masks as distributed hold a number per kind of defect; whatever is not 0 counts as defect.'],
}

export const mpdd: PublishedSet = {
  name: 'MPDD',
  standing: 'unverified',
  source:
    'listings of the distributed archive; a published table has metal_plate and tubes the other way round',
  images: 1346,
  products: trainAndTest({
    bracket_black: [289, 32, 47],
    bracket_brown: [185, 26, 51],
    bracket_white: [110, 30, 30],
    connector: [128, 30, 14],
    metal_plate: [54, 26, 71],
    tubes: [122, 32, 69],
  }),
  notes: [],
}

export const itdd: PublishedSet = {
  name: 'ITDD',
  standing: 'established',
  source: 'the README of CRAS, which gives the sum only',
  images: 1885,
  products: namesOnly('cotton_fabric', 'dyed_fabric', 'hemp_fabric', 'plaid_fabric'),
  notes: [],
}

export const wfdd: PublishedSet = {
  name: 'WFDD',
  standing: 'established',
  source: 'the README of GLASS, which gives the sum only',
  images: 4101,
  products: namesOnly('grey_cloth', 'grid_cloth', 'pink_flower', 'yellow_cloth'),
  notes: [],
}

export const btad: PublishedSet = {
  name: 'BTAD',
  standing: 'established',
  source: 'counts of the distributed archive in two public benchmarks',
  images: 2540,
  products: trainAndTest({ '01': [400, 21, 49], '02': [399, 30, 200], '03': [1000, 400, 41] }),
  notes: ['Eleven masks of defect images are black all over: one of 02 and ten of 03.'],
}

export const kolektorSdd: PublishedSet = {
  name: 'KolektorSDD',
  standing: 'established',
  source: 'the page of the dataset (Tabernik et al. 2019)',
  images: 399,
  products: new Map([['kolektorsdd', { good: 347, defects: 52 }]]),
  notes: [
    'No split for learning from good images alone is published. This one is ours: good images of items 1 to 35 are for training, all others for test.',
  ],
}

export const mtd: PublishedSet = {
  name: 'MTD',
  standing: 'established',
  source: 'abin24/Magnetic-tile-defect-datasets, split of DifferNet (761 training images)',
  images: 1344,
  products: new Map([['mtd', { train: 761, 'test good': 191, 'test defects': 392 }]]),
  notes: ['Four masks of MT_Uneven are black all over.'],
}

export const mvtecLoco: PublishedSet = {
  name: 'MVTec LOCO AD',
  standing: 'established',
  source: 'the table of the MVTec LOCO AD paper (Bergmann et al. 2022)',
  images: 3651,
  products: new Map(
    Object.entries({
      breakfast_box: loco(351, 62, 102, 83, 90),
      juice_bottle: loco(335, 54, 94, 142, 94),
      pushpins: loco(372, 69, 138, 91, 81),
      screw_bag: loco(360, 60, 122, 137, 82),
      splicing_connectors: loco(360, 60, 119, 108, 85),
    }),
  ),
  notes: ['Each defect of an image has a mask of its own; its value names the kind in defects_config.json.'],
}

function trainAndTest(
  rows: Readonly<Record<string, readonly [train: number, good: number, defects: number]>>,
): ReadonlyMap<string, PublishedCounts> {
  return new Map(
    Object.entries(rows).map(([name, [train, good, defects]]) => [
      name,
      { train, 'test good': good, 'test defects': defects },
    ]),
  )
}

function ad2(train: number, validation: number, good: number, bad: number, hidden: number): PublishedCounts {
  return {
    train,
    validation,
    'test good': good,
    'test defects': bad,
    test_private: hidden,
    test_private_mixed: hidden,
  }
}

function loco(
  train: number,
  validation: number,
  good: number,
  logical: number,
  structural: number,
): PublishedCounts {
  return { train, validation, 'test good': good, 'test defects': logical + structural }
}

function namesOnly(...names: readonly string[]): ReadonlyMap<string, null> {
  return new Map(names.map((name) => [name, null]))
}
