export { buildModel, type ModelParts } from './build.ts'
export { fixProduct, readModelFile, writeModel, type ModelFile } from './file.ts'
export { fitRouter, viewSide, viewsPerProduct, type Router } from './router.ts'
export { compareSamples, sampleTolerance, takeSample, type SampleInput } from './sample.ts'
