/**
 * Tiles: windows over large images, planned in original pixels, cut, and their maps joined again.
 *
 * Tiles are run a few at a time with `mapAhead` of the pipeline, which keeps their order.
 */
export { cutTile, publishedTileName } from './cut.ts'
export { mergePublished, quarterOf, type MergedMap } from './merge-published.ts'
export {
  planTiles,
  type Rectangle,
  type Tile,
  type TileEdge,
  type TileOptions,
  type TilePlan,
} from './plan.ts'
export { createStitcher, type Blend, type StitchedRows, type Stitcher, type StitchOptions } from './stitch.ts'
