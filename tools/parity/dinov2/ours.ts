/**
 * Runs our DINOv2 at full size with formula weights and leaves every tap in a folder, for reference.py.
 *
 *     npx node tools/parity/dinov2/ours.ts dinov2reg-vit-b14 hub $WORK 392x392 518x518
 *     npx node tools/parity/dinov2/ours.ts dinov2reg-vit-b14 robis $WORK 392x392
 *
 * One thread. Prints the processor time of the second run at each size.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { createGraph, writeOnnx } from '@assay/graph'

import { createDinoV2, normaliseImage, offsetPositions } from '../../../packages/core/src/backbone/index.ts'
import { formulaImage, formulaTensor } from '../../../packages/core/src/backbone/dinov2/testing/formula.ts'
import { openSession } from '../../../packages/core/src/runtime/index.ts'
import { createFormulaCheckpoint } from '../../../packages/core/src/testing/formula-checkpoint.ts'

const [id = '', positions = '', work, ...sizes] = process.argv.slice(2)
const [, registers, size] = /^dinov2(reg)?-vit-([sbl])14$/.exec(id) ?? []
if (work === undefined || size === undefined || !['hub', 'robis'].includes(positions)) {
  console.error('usage: ours.ts <dinov2[reg]-vit-[sbl]14> <hub|robis> <folder> <height>x<width>...')
  process.exit(64)
}
const entry = createDinoV2(size as 's' | 'b' | 'l', {
  hasRegisters: registers !== undefined,
  ...(positions === 'robis' && { positions: offsetPositions }),
})
const names = entry.card.taps.map(({ name }) => name)
const weights = await entry.prepare(createFormulaCheckpoint(entry.tensors, formulaTensor), names)
const g = createGraph('taps')
const x = normaliseImage(g, g.input('image', 'uint8', ['n', 'h', 'w', 3]), entry.card.input)
for (const [name, value] of Object.entries(entry.build(g, x, weights, names))) g.output(name, value)
const device = { name: 'cpu', reason: 'parity', threads: 1 } as const
await using session = await openSession(writeOnnx(g.build()), device, id)
await mkdir(work, { recursive: true })
for (const given of sizes) {
  const [height, width] = given.split('x').map(Number) as [number, number]
  const image = formulaImage(1, height, width)
  await session.run({ image })
  const before = process.cpuUsage()
  const taps = await session.run({ image })
  const { user, system } = process.cpuUsage(before)
  console.log(`${id},${positions},${given},${((user + system) / 1e6).toFixed(2)} s`)
  for (const [name, { data }] of Object.entries(taps))
    await writeFile(join(work, `${id}-${positions}-${given}-${name}.f32`), data as Float32Array)
}
