/** Judges pictures by several fitted methods at once: one graph with their common features and a head for each. */
import type { MethodName } from '@assay/contract'
import { createGraph, writeOnnx } from '@assay/graph'
import { normaliseImage } from '../../backbone/index.ts'
import { addScaledFeatures, toRows, type InputPixels } from '../../feature/index.ts'
import { findMethod } from '../../method/catalogue.ts'
import { addJudgement } from '../../model/index.ts'
import { openSession, type Device } from '../../runtime/index.ts'
import type { TrainedGroup } from './group.ts'

interface GroupJudgement {
  readonly method: MethodName
  readonly score: number
  /** Raw scores `[height, width]` of the input. */
  readonly map: Float32Array
}

export interface GroupJudge extends AsyncDisposable {
  /** One judgement for each method of the group, in its order; `product` is the number of the input's product. */
  judge(input: InputPixels, product: number): Promise<readonly GroupJudgement[]>
}

export async function openGroup(
  { plan, trained }: TrainedGroup,
  products: number,
  device: Device,
): Promise<GroupJudge> {
  const g = createGraph('candidates')
  const image = g.input('image', 'uint8', ['n', 'h', 'w', 3])
  const product = products === 1 ? null : g.input('product', 'int64', ['n'])
  const planes = normaliseImage(g, image, plan.backbone.card.input)
  const features = addScaledFeatures(g, planes, plan)
  const input = { planes, features, rows: features.map((f) => toRows(g, f)), product }
  for (const { method, recipe, fitted } of trained) {
    const parts = { method: findMethod(method), fitted: [fitted], recipe }
    const { map, score } = addJudgement(g, parts, input, `${method}.`)
    g.output(`map.${method}`, map)
    g.output(`score.${method}`, score)
  }
  const session = await openSession(writeOnnx(g.build()), device, 'comparing methods')
  return {
    judge: async ({ pixels, height, width }, own) => {
      const outputs = await session.run({
        image: { dtype: 'uint8', shape: [1, height, width, 3], data: pixels },
        ...(product === null
          ? {}
          : { product: { dtype: 'int64', shape: [1], data: BigInt64Array.of(BigInt(own)) } }),
      })
      return trained.map(({ method }) => ({
        method,
        score: Number(outputs[`score.${method}`]?.data[0]),
        map: outputs[`map.${method}`]?.data as Float32Array,
      }))
    },
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  }
}
