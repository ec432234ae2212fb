/** A backbone of two layers with seeded weights: everything behind a real one can be tested on it in no time. */
import type { GraphBuilder, Tensor, Value } from '@assay/graph'
import type { Backbone } from '../backbone/index.ts'
import { createRandom } from '../random.ts'

/** Taps `fine` (6 channels, stride 8) and `coarse` (10 channels, stride 16). */
export function createTestBackbone(): Backbone {
  const fine = drawKernel('fine', [6, 3, 8, 8])
  const coarse = drawKernel('coarse', [10, 6, 2, 2])
  return {
    card: {
      id: 'test',
      input: { multipleOf: 32, mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25], colour: 'rgb' },
      taps: [
        { name: 'fine', channels: 6, stride: 8 },
        { name: 'coarse', channels: 10, stride: 16 },
      ],
      defaultTaps: ['fine', 'coarse'],
      tokenTaps: ['fine', 'coarse'],
    },
    origin: { licence: 'MIT', origin: 'seeded', sha256: '0'.repeat(64) },
    weights: new Map(),
    build: (g, x) => {
      const first = addLayer(g, x, fine, 8)
      return { fine: first, coarse: addLayer(g, first, coarse, 2) }
    },
  }
}

function addLayer(g: GraphBuilder, x: Value, kernel: Tensor, stride: number): Value {
  return g.leakyRelu(g.conv(x, g.constant(kernel), undefined, { strides: [stride, stride] }), 0.3)
}

function drawKernel(name: string, shape: readonly number[]): Tensor {
  const data = new Float32Array(shape.reduce((product, side) => product * side, 1))
  createRandom(5, 'test-backbone', name).fillNormal(data, 0.2)
  return { dtype: 'float32', shape, data }
}
