/**
 * Writes and runs a model beyond 2 GB: a chain of matrix products over weights that are generated when they are
 * written. The result is compared with the same chain in float64.
 *
 *     node tools/parity/external-data/main.ts write FOLDER [matrices]
 *     node tools/parity/external-data/main.ts run FOLDER [matrices]
 *     node tools/parity/external-data/main.ts run-mapped FOLDER [matrices]
 *
 * Separate commands, so that each shows its own memory. Not a test: it needs 2.3 GB of disk.
 */
import { createGraph, tensor, writeOnnxExternal, type DeferredTensor } from '@assay/graph'
import { once } from 'node:events'
import { createWriteStream, existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { openSession } from '../../../packages/core/src/runtime/index.ts'

/** A matrix of this width has 256 MiB. */
const width = 8192
const scale = Math.sqrt(3 / width)

const [command, folder, count = '9'] = process.argv.slice(2)
if (folder === undefined) throw new Error('Say "write", "run" or "run-mapped", and a folder.')
const matrices = Number(count)
const modelFile = path.join(folder, 'chain.onnx')
const dataFile = path.join(folder, 'chain.onnx.data')
const started = performance.now()
if (command === 'write') await write()
else if (command === 'run') await run(false)
else if (command === 'run-mapped') await run(true)
else throw new Error(`There is no command "${command}".`)

async function write(): Promise<void> {
  const g = createGraph('chain')
  let x = g.input('x', 'float32', ['n', width])
  for (let which = 0; which < matrices; which++) x = g.matmul(x, g.constant(deferred(which), `w${which}`))
  g.output('y', x)
  const { model, dataBytes, chunks } = await writeOnnxExternal(g.build(), {
    location: path.basename(dataFile),
  })
  writeFileSync(modelFile, model)
  const file = createWriteStream(dataFile)
  for await (const chunk of chunks()) if (!file.write(chunk)) await once(file, 'drain')
  file.end()
  await once(file, 'finish')
  console.log(`wrote ${model.length} bytes of model and ${dataBytes} bytes of data`)
  report('writing')
}

async function run(keepMapped: boolean): Promise<void> {
  report('before the model')
  await using session = await openSession(
    { path: modelFile, keepMapped },
    { name: 'cpu', reason: 'asked for', threads: 1 },
    modelFile,
  )
  report('opened')
  const { y } = await session.run({ x: tensor(input(), [1, width]) })
  report('ran')
  const expected = expectedResult()
  let [largest, error] = [0, 0]
  expected.forEach((value, i) => {
    largest = Math.max(largest, Math.abs(value))
    error = Math.max(error, Math.abs(value - Number(y!.data[i])))
  })
  console.log(`largest error ${error.toExponential(2)}, largest value ${largest.toFixed(3)}`)
  if (!(error < 1e-5 * largest)) throw new Error('The result is wrong.')
}

function deferred(which: number): DeferredTensor {
  return {
    dtype: 'float32',
    shape: [width, width],
    read: () => {
      const next = numbers(which)
      const data = new Float32Array(width * width)
      for (let i = 0; i < data.length; i++) data[i] = next()
      return Promise.resolve(data)
    },
  }
}

/** The chain in float64, row after row of the weights. */
function expectedResult(): Float64Array {
  let x = Float64Array.from(input())
  for (let which = 0; which < matrices; which++) {
    const next = numbers(which)
    const y = new Float64Array(width)
    for (let row = 0; row < width; row++) {
      const factor = x[row]!
      for (let column = 0; column < width; column++) y[column]! += factor * Math.fround(next())
    }
    x = y
  }
  return x
}

function input(): Float32Array {
  return Float32Array.from({ length: width }, (_, i) => Math.cos(i))
}

/** A linear congruential generator (Numerical Recipes), scaled so that a product keeps the size of its input. */
function numbers(seed: number): () => number {
  let state = seed + 1
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return (state / 2 ** 31 - 1) * scale
  }
}

/** Peak and present memory of this process; anonymous memory leaves out the pages of mapped files (Linux only). */
function report(what: string): void {
  const mib = (kib: number): string => `${Math.round(kib / 1024)} MiB`
  const status = existsSync('/proc/self/status') ? readFileSync('/proc/self/status', 'utf8') : ''
  const anonymous = /RssAnon:\s+(\d+)/.exec(status)?.[1]
  const peak = process.resourceUsage().maxRSS
  console.log(
    `${what}: ${((performance.now() - started) / 1000).toFixed(1)} s, peak ${mib(peak)}, ` +
      `now ${mib(process.memoryUsage.rss() / 1024)}, anonymous ${anonymous === undefined ? '?' : mib(Number(anonymous))}`,
  )
}
