import { AssayError } from '@assay/contract'
import { expect, test } from 'vitest'
import { createTestHost } from '../testing/host.ts'
import { describeError, Interruption, reportError } from './error.ts'

const report = (error: unknown, env = {}, isJson = false) => {
  const host = createTestHost([], { env })
  const code = reportError(error, host, { isJson })
  return { code, ...host.printed }
}

test('an error is what is wrong and what to do, without a stack trace', () => {
  const error = new AssayError('MODEL_NOT_FOUND', { path: 'a\u001b[31m.onnx' })
  expect(report(error)).toEqual({
    code: 66,
    out: '',
    err: 'error: There is no model file at a\\x1b[31m.onnx.\n       Train one with "assay train <data> --out model.onnx".\n',
  })
})

test('ASSAY_DEBUG=1 adds the trace and its causes', () => {
  const error = new AssayError(
    'RUN_FAILED',
    { what: 'Node 7', reason: 'oops' },
    { cause: new TypeError('inner') },
  )
  const { err } = report(error, { ASSAY_DEBUG: '1' })
  expect(err).toContain('error.test.ts')
  expect(err).toContain('caused by TypeError: inner')
})

test('a fault of ours is called so, and does not look like the fault of the user', () => {
  const { code, err, out } = report(new TypeError('x is not a function'), {}, true)
  expect(code).toBe(70)
  expect(err).toContain('This is a fault of Assay')
  expect(err).not.toMatch(/\n\s+at /)
  expect(JSON.parse(out)).toMatchObject({ error: { code: 'INTERNAL' } })
})

test('an interruption says how to go on', () => {
  const { code, err } = report(new Interruption('Training', 'Go on with: assay train x --resume'))
  expect(code).toBe(130)
  expect(err).toBe('error: Training was stopped.\n       Go on with: assay train x --resume\n')
})

test.each(['AbortError', 'INTERRUPTED'])('%s from the library is an interruption', (name) => {
  const error =
    name === 'INTERRUPTED' ? new AssayError('INTERRUPTED', { what: 'x' }) : new DOMException('aborted', name)
  expect(describeError(error).exit).toBe(130)
})

test.each([
  ['ENOSPC', 'the disk is full'],
  ['EACCES', 'permission is denied'],
  ['EROFS', 'the file system is read-only'],
])('%s deep in the library is still an output that cannot be written', (code, reason) => {
  const error = Object.assign(new Error(`${code}: boom`), { code, path: '/data/model.onnx' })
  expect(describeError(error)).toMatchObject({
    code: 'OUTPUT_NOT_WRITABLE',
    message: `Cannot write /data/model.onnx: ${reason}.`,
    exit: 73,
  })
})
