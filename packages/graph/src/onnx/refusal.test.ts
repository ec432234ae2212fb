/** Models that are well-formed, but hold what this package does not understand. */
import { create, toBinary, type MessageInitShape } from '@bufbuild/protobuf'
import { describe, expect, test } from 'vitest'
import { readOnnx, readOnnxMetadata } from '../index.ts'
import { AttributeProto_AttributeType, ModelProtoSchema, TensorProto_DataLocation } from './onnx_pb.ts'

type GraphInit = NonNullable<MessageInitShape<typeof ModelProtoSchema>['graph']>

const models: Record<
  string,
  { readonly graph: GraphInit; readonly reason: string; readonly opset?: bigint }
> = {
  'no opset': { graph: {}, opset: 0n, reason: 'does not tell which version of the operators' },
  'external data': {
    graph: {
      initializer: [{ name: 'w', dataType: 1, dims: [1n], dataLocation: TensorProto_DataLocation.EXTERNAL }],
    },
    reason: 'initializer "w" keeps its data in another file, but names none',
  },
  'an unknown element type': {
    graph: { initializer: [{ name: 'w', dataType: 16, dims: [1n], rawData: new Uint8Array(2) }] },
    reason: 'initializer "w" has the element type 16, which is not supported',
  },
  'too few bytes': {
    graph: { initializer: [{ name: 'w', dataType: 1, dims: [2n, 3n], rawData: new Uint8Array(20) }] },
    reason: 'initializer "w" has 20 bytes for 6 elements of float32',
  },
  'too few numbers': {
    graph: { initializer: [{ name: 'w', dataType: 1, dims: [3n], floatData: [1, 2] }] },
    reason: 'initializer "w" has 2 elements, not 3',
  },
  'more elements than any memory': {
    graph: { initializer: [{ name: 'w', dataType: 1, dims: [2n ** 40n, 2n ** 40n], floatData: [1] }] },
    reason: 'initializer "w" has 1 elements, not',
  },
  'a negative size': {
    graph: { initializer: [{ name: 'w', dataType: 1, dims: [-1n] }] },
    reason: 'initializer "w" has the shape [-1]',
  },
  'a segment': {
    graph: { initializer: [{ name: 'w', dataType: 1, dims: [1n], segment: { begin: 0n, end: 1n } }] },
    reason: 'initializer "w" is cut into segments',
  },
  'sparse initializers': {
    graph: { sparseInitializer: [{}] },
    reason: 'sparse initializers are not supported',
  },
  'a branch': {
    graph: {
      node: [
        {
          opType: 'If',
          name: 'n',
          attribute: [{ name: 'then_branch', type: AttributeProto_AttributeType.GRAPH }],
        },
      ],
    },
    reason: 'attribute "then_branch" of If "n" is of kind 5, which is not supported',
  },
  'text that is not text': {
    graph: {
      node: [
        {
          opType: 'A',
          attribute: [{ name: 's', type: AttributeProto_AttributeType.STRING, s: Uint8Array.of(255) }],
        },
      ],
    },
    reason: 'attribute "s" of A "" is not text',
  },
  'a node without operator': { graph: { node: [{ name: 'n' }] }, reason: 'node "n" names no operator' },
  'an input that is no tensor': { graph: { input: [{ name: 'x' }] }, reason: '"x" is not a tensor' },
}

describe('a model is refused with the reason', () => {
  for (const [name, { graph, reason, opset = 17n }] of Object.entries(models)) {
    test(`for ${name}`, () => {
      const opsetImport = opset === 0n ? [] : [{ version: opset }]
      const bytes = toBinary(
        ModelProtoSchema,
        create(ModelProtoSchema, { irVersion: 8n, opsetImport, graph }),
      )
      expect(() => readOnnx(bytes)).toThrow(reason)
      expect(() => readOnnx(bytes)).toThrow(expect.objectContaining({ name: 'OnnxFormatError' }) as Error)
      expect(readOnnxMetadata(bytes)).toEqual({})
    })
  }
})
