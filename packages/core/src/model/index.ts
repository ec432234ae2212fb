export { buildModel, type ModelParts } from './build.ts'
export { fixProduct, readModelFile, recalibrate, writeModel, type ModelFile } from './file.ts'
export { fitRouter, viewSide, viewsPerProduct } from './router.ts'
export { compareSamples, samplePixels, sampleTolerance, takeSample } from './sample.ts'
