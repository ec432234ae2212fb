/** Regions: connected components of masks, their measures, and holes. */
export { fillHoles, type FillHolesOptions } from './fill.ts'
export { findRegions, type FindRegionsOptions } from './find.ts'
export { type Components, type Connectivity, labelComponents } from './label.ts'
export { type MeasuredRegion, measureRegions } from './measure.ts'
