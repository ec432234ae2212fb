import type { CheckOptions } from '@assay/core'
import { expect, test } from 'vitest'
import type { Core } from '../core.ts'
import { createFakeCore } from '../testing/fake-core.ts'
import { runCommandLine } from '../testing/host.ts'

/** A comparison in which WebGPU is far from the CPU. */
function createCheck() {
  const asked: CheckOptions[] = []
  const checkModel: Core['checkModel'] = async function* (options) {
    asked.push(options)
    yield { type: 'stage', done: 1, total: 1 }
    const far = { images: 2, misrouted: 1, score: 0.25, map: 0.5, mask: 0.125 }
    const near = { images: 2, misrouted: 0, score: 0, map: 2e-7, mask: 0 }
    return {
      model: options.model,
      allowed: { score: 1e-3, map: 1e-2, mask: 1e-3 },
      providers: (options.devices ?? []).map((provider) =>
        provider === 'webgpu' ? { provider, ...far, holds: false } : { provider, ...near, holds: true },
      ),
    }
  }
  return { asked, core: createFakeCore({ checkModel }) }
}

test('the CPU is compared by default, and no image is needed', async () => {
  const { asked, core } = createCheck()
  const { code, out } = await runCommandLine(['check', 'm.onnx', '--threads', '2'], { core })
  expect(asked).toMatchObject([{ model: 'm.onnx', images: [], devices: ['cpu'], threads: 2 }])
  expect(out).toMatch(/^m\.onnx\n\nagainst the CPU .*\ncpu +2 +0 +2\.0e-7 +0 +0 +same\nallowed +1\.0e-3/)
  expect(code).toBe(0)
})

test('a device that differs is shown with its numbers and the allowed ones, and the exit code is 69', async () => {
  const { asked, core } = createCheck()
  const words = ['check', 'm.onnx', 'a.png', 'parts', '--device', 'cpu,webgpu']
  const { code, out } = await runCommandLine(words, { core })
  expect(asked).toMatchObject([{ images: ['a.png', 'parts'], devices: ['cpu', 'webgpu'] }])
  expect(out).toMatch(/webgpu +2 +2\.5e-1 +5\.0e-1 +1\.3e-1 +1 +DIFFERS/)
  expect(code).toBe(69)
  const json = await runCommandLine([...words, '--json'], { core })
  expect(JSON.parse(json.out)).toMatchObject({ providers: [{ holds: true }, { holds: false, score: 0.25 }] })
  expect(json.code).toBe(69)
})

test.each([
  ['gpu', 'it is one of auto, cpu, webgpu, cuda, directml, coreml'],
  ['cpu,', '"" is not valid for --device'],
])('the devices "%s" are refused', async (devices, words) => {
  const { code, err } = await runCommandLine(['check', 'm.onnx', '--device', devices], createCheck())
  expect(err).toContain(words)
  expect(code).toBe(64)
})
