/** What draws maps and masks in a page that leaves inspecting to a server: no engine, no codecs. */
export { createHeatScale, heatColourAt } from './image/colour-scale.ts'
export { paintHeatMap } from './image/overlay.ts'
export { outlineMask } from './report/outline.ts'
