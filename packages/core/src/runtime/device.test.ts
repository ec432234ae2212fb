import os from 'node:os'
import { expect, test } from 'vitest'
import { chooseDevice, listDevices } from './device.ts'

test('the CPU is always there, and is taken with the threads that were asked for', async () => {
  expect(listDevices()).toContain('cpu')
  expect(await chooseDevice({ device: 'cpu', threads: 3 })).toEqual({
    name: 'cpu',
    reason: 'asked for',
    threads: 3,
  })
})

test('threads are the number of cores by default', async () => {
  expect((await chooseDevice({ device: 'cpu' })).threads).toBe(os.availableParallelism())
})

test.each([0, -1, 1.5, NaN, Infinity])('%s threads are refused', async (threads) => {
  await expect(chooseDevice({ device: 'cpu', threads })).rejects.toMatchObject({
    code: 'OPTION_INVALID',
    params: { option: 'threads', value: String(threads) },
  })
})

test('auto settles on a device that is there and says why', async () => {
  const device = await chooseDevice({ device: 'auto', threads: 1 })
  expect(listDevices()).toContain(device.name)
  expect(device.reason).not.toBe('')
})

test('an unknown device is an error with those that are there, never another device', async () => {
  // A caller without types, such as one that passes a flag on.
  const request = JSON.parse('{"device": "tpu", "threads": 1}') as Parameters<typeof chooseDevice>[0]
  await expect(chooseDevice(request)).rejects.toMatchObject({
    code: 'DEVICE_UNAVAILABLE',
    params: { device: 'tpu', available: listDevices() },
  })
})

test('a device of another system is refused with what this runtime has, without a session being tried', async () => {
  const foreign = process.platform === 'win32' ? 'coreml' : 'directml'
  await expect(chooseDevice({ device: foreign, threads: 1 })).rejects.toMatchObject({
    code: 'DEVICE_UNAVAILABLE',
    params: {
      device: foreign,
      reason: expect.stringContaining(`${process.platform} ${process.arch} has cpu`),
    },
  })
})
