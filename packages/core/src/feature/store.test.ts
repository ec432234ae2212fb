import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { createFeatureStore, type FeatureStore } from './store.ts'

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'assay-store-'))

function fill(budgetBytes: number, precision: 'float16' | 'float32', name: string): FeatureStore {
  const store = createFeatureStore({
    dimension: 3,
    expectedRows: 9,
    precision,
    budgetBytes,
    spillPath: path.join(folder, name),
  })
  store.append(Float32Array.from({ length: 12 }, (_, i) => i / 8))
  store.append(Float32Array.from({ length: 15 }, (_, i) => 100 + i / 4))
  return store
}

test.each(['float16', 'float32'] as const)(
  'rows on disk read back as rows in memory do, in %s',
  (precision) => {
    using memory = fill(1e9, precision, 'a')
    using disk = fill(10, precision, 'b')
    expect([memory.isOnDisk, disk.isOnDisk]).toEqual([false, true])
    for (const image of [0, 1]) {
      const rows = Uint32Array.of(3, 0, 2)
      const [a, b] = [new Float32Array(10), new Float32Array(10)]
      memory.read(image, rows, a, 1)
      disk.read(image, rows, b, 1)
      expect(b).toEqual(a)
      expect(a[1]).toBe(image === 0 ? 9 / 8 : 100 + 9 / 4)
      const whole = new Float32Array(memory.rowsOf(image) * 3)
      disk.read(image, null, whole)
      expect(whole[2]).toBe(image === 0 ? 2 / 8 : 100 + 2 / 4)
    }
  },
)

test('the file on disk is gone after disposal', () => {
  const file = path.join(folder, 'c')
  {
    using store = fill(10, 'float32', 'c')
    expect(store.isOnDisk && fs.existsSync(file)).toBe(true)
  }
  expect(fs.existsSync(file)).toBe(false)
})

test('a spill path that cannot be written is an error that names it', () => {
  expect(() => fill(10, 'float32', 'no/such/folder')).toThrowError(
    expect.objectContaining({
      code: 'OUTPUT_NOT_WRITABLE',
      message: expect.stringContaining('no/such/folder'),
    }),
  )
})
