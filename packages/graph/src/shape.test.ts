import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  addDim,
  broadcastShapes,
  ceilDiv,
  divideDims,
  floorDiv,
  multiplyDims,
  scaleDim,
  sumDims,
  windowDim,
  type Dim,
} from './shape.ts'

describe('named sizes', () => {
  test('offsets add up and vanish', () => {
    expect(addDim(addDim('h', 3), -1)).toBe('h+2')
    expect(addDim('h-2', 2)).toBe('h')
    expect(sumDims(['n', 2, 'm+1', -3])).toBe('m+n')
    expect(sumDims(['r', '2*r', 'n'])).toBe('3*r+n')
  })
  test('products are sorted, and quotients undo them', () => {
    expect(multiplyDims(['w', 4, 'h-2', 2])).toBe('8*(h-2)*w')
    expect(divideDims(['8*(h-2)*w'], [4, 'w'])).toBe('2*(h-2)')
    expect(divideDims(['h*w'], ['h', 'w'])).toBe(1)
    expect(divideDims([6], [4])).toBe(undefined)
    expect(divideDims(['n'], [4])).toBe('n/4')
    expect(multiplyDims(['n/4', 4])).toBe('4*(n/4)')
  })
  test('division rounds and simplifies', () => {
    expect([floorDiv('2*h-2', 2), floorDiv('h-1', 2), floorDiv('h+5', 2)]).toEqual([
      'h-1',
      'floor((h+1)/2)-1',
      'floor((h+1)/2)+2',
    ])
    expect([floorDiv('4*h', 2), floorDiv('h', 2), ceilDiv('h', 2), floorDiv('h+1', 1)]).toEqual([
      '2*h',
      'floor(h/2)',
      'floor((h+1)/2)',
      'h+1',
    ])
  })
})

/** Any arithmetic on names must be the arithmetic on numbers once names have values. */
test('the name of a computed size says how to compute it', () => {
  const sizes = { h: 12, w: 30 }
  const dim: fc.Arbitrary<Dim> = fc.letrec<{ dim: Dim }>((tie) => ({
    dim: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom<Dim>('h', 'w', 2, 3),
      fc.tuple(tie('dim'), fc.integer({ min: 0, max: 5 })).map(([d, k]) => addDim(d, k)),
      fc.tuple(tie('dim'), tie('dim')).map((dims) => multiplyDims(dims)),
      fc.tuple(tie('dim'), fc.integer({ min: 1, max: 4 })).map(([d, k]) => floorDiv(d, k)),
      fc.tuple(tie('dim'), tie('dim')).map((dims) => sumDims(dims)),
    ),
  })).dim
  const fraction = fc.tuple(dim, fc.constantFrom<Dim>('h', 'w', 7)).map(([a, b]) => divideDims([a], [b]) ?? a)
  const valueOf = (d: Dim): number => {
    if (typeof d === 'number') return d
    // oxlint-disable-next-line typescript/no-implied-eval -- the names are arithmetic, and this file wrote them
    const compute = new Function('h', 'w', 'floor', `return ${d}`) as (...v: unknown[]) => number
    return compute(sizes.h, sizes.w, Math.floor)
  }
  fc.assert(
    fc.property(fc.oneof(dim, fraction), dim, fc.integer({ min: 1, max: 5 }), (a, b, k) => {
      expect(valueOf(addDim(a, -k))).toBeCloseTo(valueOf(a) - k, 9)
      expect(valueOf(multiplyDims([a, k, b]))).toBeCloseTo(valueOf(a) * k * valueOf(b), 6)
      expect(valueOf(sumDims([a, b, k]))).toBeCloseTo(valueOf(a) + valueOf(b) + k, 9)
      expect(valueOf(scaleDim(a, k))).toBeCloseTo(valueOf(a) * k, 6)
      // A quotient that is not whole is nobody's size.
      if (Number.isInteger(valueOf(a))) expect(valueOf(floorDiv(a, k))).toBe(Math.floor(valueOf(a) / k))
      const quotient = divideDims([multiplyDims([a, b])], [b])
      if (quotient !== undefined) expect(valueOf(quotient)).toBeCloseTo(valueOf(a), 6)
    }),
  )
})

test('broadcasting is that of numpy, with names equal to themselves only', () => {
  expect(broadcastShapes([3, 1], [4], [])).toEqual([3, 4])
  expect(broadcastShapes(['n', 1], [1, 'm'])).toEqual(['n', 'm'])
  expect(() => broadcastShapes(['n'], ['m'])).toThrow('internal: shapes [n] and [m] do not broadcast')
  expect(() => broadcastShapes(['n'], [2])).toThrow('do not broadcast')
})

test('a window has as many positions as counting them gives', () => {
  const option = fc.integer({ min: 1, max: 4 })
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      option,
      option,
      option,
      fc.nat(4),
      (size, kernel, stride, dilation, pad) => {
        const extent = (kernel - 1) * dilation + 1
        let count = 0
        for (let at = 0; at + extent <= size + pad; at += stride) count++
        const axis = { kernel, stride, dilation, pad }
        if (count === 0) expect(() => windowDim(size, axis)).toThrow('does not fit')
        else expect(windowDim(size, axis)).toBe(count)
      },
    ),
  )
})
