/** Zones: parts of a picture that are inspected or ignored, each with its own score, rules and measures. */
export { drawZones } from './draw.ts'
export { cutMap, layZones, type ZonePlane } from './plane.ts'
export { readZones } from './read.ts'
export { reduceZones } from './reduce.ts'
export { findZoneRegions } from './region.ts'
export { scoreZones, type ZoneScore } from './score.ts'
