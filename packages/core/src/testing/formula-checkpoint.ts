/** A checkpoint without a file: names and shapes, and numbers that are made when they are read. */
import type { Tensor } from '@assay/graph'
import type { Checkpoint } from '../weights/index.ts'

/** `make` gives the float32 tensor of a name and shape; `asked` collects the names that were read. */
export function createFormulaCheckpoint(
  shapes: ReadonlyMap<string, readonly number[]>,
  make: (name: string, shape: readonly number[]) => Tensor,
  asked: Set<string> = new Set(),
): Checkpoint {
  const shapeOf = (name: string): readonly number[] => {
    const shape = shapes.get(name)
    if (shape === undefined) throw new Error(`no tensor ${name}`)
    return shape
  }
  return {
    path: 'formula.pth',
    format: 'pytorch-zip',
    fileBytes: 0,
    isSelfContained: true,
    metadata: {},
    names: () => [...shapes.keys()],
    has: (name) => shapes.has(name),
    info: (name) => ({ dtype: 'float32', shape: shapeOf(name) }),
    tensor: async (name) => {
      asked.add(name)
      return await Promise.resolve(make(name, shapeOf(name)))
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}
