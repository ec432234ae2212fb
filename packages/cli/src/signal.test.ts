import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { listenForSignals, type SignalSource } from './signal.ts'

function setUp() {
  const exits: number[] = []
  const clock = { ms: 0 }
  const emitter = new EventEmitter()
  const source: SignalSource = {
    on: (signal, listener) => emitter.on(signal, listener),
    off: (signal, listener) => emitter.off(signal, listener),
    exit: (code) => exits.push(code),
  }
  const controller = new AbortController()
  const watch = listenForSignals(source, controller, { now: () => clock.ms })
  const send = (signal: NodeJS.Signals): boolean => emitter.emit(signal, signal)
  return { exits, clock, controller, watch, send, emitter }
}

test('the first Ctrl-C asks for a stop, the second ends at once', () => {
  const { exits, clock, controller, watch, send } = setUp()
  expect(watch.exitCode()).toBeUndefined()
  send('SIGINT')
  expect(controller.signal.aborted).toBe(true)
  expect(exits).toEqual([])
  clock.ms = 1000
  send('SIGINT')
  expect(exits).toEqual([130])
})

test('one keystroke that arrives twice is one', () => {
  const { exits, clock, send } = setUp()
  send('SIGINT')
  clock.ms = 20
  send('SIGINT')
  expect(exits).toEqual([])
})

test('a stop by the service manager has its own exit code', () => {
  const { watch, send } = setUp()
  send('SIGTERM')
  expect(watch.exitCode()).toBe(143)
})

test('a finished run listens no more', () => {
  const { watch, emitter } = setUp()
  watch.close()
  expect(emitter.eventNames()).toEqual([])
})
