/** Builds a graph, runs it once in onnxruntime and gives its outputs. */
import { createGraph, writeOnnx, type GraphBuilder } from '@assay/graph'
import { openSession, type Feeds } from '../runtime/index.ts'
import { testDevice } from './device.ts'

export async function runGraph(
  build: (g: GraphBuilder) => void,
  feeds: Feeds = {},
): Promise<Record<string, readonly number[]>> {
  const g = createGraph('test')
  build(g)
  await using session = await openSession(writeOnnx(g.build()), testDevice, 'the test')
  const outputs = await session.run(feeds)
  return Object.fromEntries(Object.entries(outputs).map(([name, t]) => [name, Array.from(t.data, Number)]))
}
