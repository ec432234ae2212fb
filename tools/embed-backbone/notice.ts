/** The notice that section 4 of the Apache licence asks for: whose work it is and what was changed. */
import type { EmbeddedWeights } from '../../packages/core/src/backbone/efficientnet-lite/entry.ts'
import type { WeightsOrigin } from './origins.ts'

export function noticeText(origin: WeightsOrigin, { variant, lastTap, sha256 }: EmbeddedWeights): string {
  return `efficientnet-${variant}.safetensors
sha256 ${sha256}

Licensed under the Apache License, Version 2.0; see LICENSE-Apache-2.0.txt in this folder.

Origin
  Package   ${origin.package} ${origin.version} on the Python Package Index
  Home      ${origin.home}
  File      ${origin.file}
  sha256    ${origin.sha256}
  ${origin.copyright}
  It is a conversion of the EfficientNet-Lite weights that the TensorFlow Authors trained on ImageNet and
  published with github.com/tensorflow/tpu (models/official/efficientnet/lite) under the same licence.

Changes
  - batch norms folded into the convolutions (eps 0.001)
  - layers behind "${lastTap}" left out
  - layers renamed, numbers rounded to float16
  Made by tools/embed-backbone of Assay.
`
}
