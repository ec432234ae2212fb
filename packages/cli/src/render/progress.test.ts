import { expect, test } from 'vitest'
import { createTestHost } from '../testing/host.ts'
import { createProgress } from './progress.ts'

const step = (done: number, detail?: string) => ({
  label: 'training',
  done,
  total: 300,
  ...(detail === undefined ? {} : { detail }),
})

test('in a terminal one line is kept up to date, with loss, rate and time left', () => {
  const host = createTestHost([], { isTerminal: true, env: { NO_COLOR: '1' } })
  const progress = createProgress(host, { isQuiet: false })
  for (let i = 0; i <= 100; i++) {
    host.clock.ms = i * 100
    progress.update(step(i, `loss ${(1 / (i + 1)).toFixed(3)}`))
  }
  expect(host.printed.err).not.toContain('\n')
  const last = host.printed.err.split('\r\u001b[2K').at(-1)
  expect(last).toBe('training     ━━━━━───────────  100/300  loss 0.010  10 steps/s  20 s left')
  progress.clear()
  expect(host.printed.err.endsWith('\r\u001b[2K')).toBe(true)
})

test('a thousand steps a second do not flood the terminal', () => {
  const host = createTestHost([], { isTerminal: true })
  const progress = createProgress(host, { isQuiet: false })
  for (let i = 0; i < 1000; i++) {
    host.clock.ms = i
    progress.update({ label: 'a', done: i, total: 5000 })
  }
  expect(host.printed.err.split('\r').length).toBeLessThan(15)
})

test('in a log file there is a plain line now and then, and one at the end', () => {
  const host = createTestHost([])
  const progress = createProgress(host, { isQuiet: false })
  for (let i = 0; i <= 300; i++) {
    host.clock.ms = i * 100
    progress.update(step(i))
  }
  expect(host.printed.err).toBe(
    'training: 100/300, 10 steps/s, 20 s left\ntraining: 200/300, 10 steps/s, 10 s left\ntraining: 300/300, 10 steps/s, 30 s\n',
  )
})

test('a slow start does not spoil the time left', () => {
  const host = createTestHost([])
  const progress = createProgress(host, { isQuiet: false })
  progress.update(step(0))
  host.clock.ms = 60_000
  progress.update(step(1))
  for (let i = 2; i <= 201; i++) {
    host.clock.ms += 100
    progress.update(step(i))
  }
  expect(host.printed.err.trim().split('\n').at(-1)).toContain('10 steps/s')
})

test('no line is longer than the terminal', () => {
  const host = createTestHost([], { isTerminal: true })
  createProgress(host, { isQuiet: false }).update({ label: 'x'.repeat(200), done: 1, total: 2 })
  expect(host.printed.err.replace('\r\u001b[2K', '').length).toBeLessThan(80)
})

test('a narrow terminal loses the bar, not the numbers', () => {
  const host = createTestHost([], { isTerminal: true })
  const progress = createProgress({ ...host, stderr: { ...host.stderr, columns: 60 } }, { isQuiet: false })
  for (const done of [0, 100]) {
    host.clock.ms = done * 100
    progress.update(step(done, 'loss 0.010'))
  }
  expect(host.printed.err.split('\r\u001b[2K').at(-1)).toBe(
    'training     100/300  loss 0.010  10 steps/s  20 s left',
  )
})

test('quiet means no progress, but warnings are still heard', () => {
  const host = createTestHost([])
  const progress = createProgress(host, { isQuiet: true })
  progress.update(step(300))
  progress.say('device: cpu')
  progress.warn('few images')
  expect(host.printed.err).toBe('warning: few images\n')
})

test('a line that stays takes the live line away first', () => {
  const host = createTestHost([], { isTerminal: true, env: { NO_COLOR: '1' } })
  const progress = createProgress(host, { isQuiet: false })
  progress.update(step(1))
  progress.say('method: cras')
  expect(host.printed.err).toMatch(/1\/300\r\u001b\[2Kmethod: cras\n$/)
})
