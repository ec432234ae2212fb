import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRandom, philox4x32 } from './random.ts'

const hex = (words: Uint32Array): string[] => [...words].map((word) => word.toString(16).padStart(8, '0'))

test('philox equals the known answers published with Random123', () => {
  expect(hex(philox4x32(Uint32Array.of(0, 0, 0, 0), [0, 0]))).toEqual([
    '6627e8d5',
    'e169c58d',
    'bc57ac4c',
    '9b00dbd8',
  ])
  expect(hex(philox4x32(Uint32Array.of(-1, -1, -1, -1), [0xffffffff, 0xffffffff]))).toEqual([
    '408f276d',
    '41c83b0e',
    'a20bc7c6',
    '6d5451fd',
  ])
  const pi = Uint32Array.of(0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344)
  expect(hex(philox4x32(pi, [0xa4093822, 0x299f31d0]))).toEqual([
    'd16cfe09',
    '94fdcceb',
    '5001e420',
    '24126ea1',
  ])
})

test('a stream draws the same numbers whatever other streams drew before', () => {
  const alone = createRandom(7, 'noise', 12)
  const other = createRandom(7, 'noise', 11)
  const late = createRandom(7, 'noise', 12)
  for (let i = 0; i < 100; i++) {
    other.normal()
    expect(late.uint32()).toBe(alone.uint32())
  }
})

test('numbers stay the same from version to version, or trained models could not be made again', () => {
  const random = createRandom(42, 'pinned')
  const normals = new Float32Array(3)
  random.fillNormal(normals)
  expect([random.uint32(), random.uint32(), random.float64(), ...normals]).toMatchInlineSnapshot(`
    [
      3881473779,
      1786086970,
      0.9540775251065972,
      -1.4992733001708984,
      2.111950159072876,
      -0.41791656613349915,
    ]
  `)
})

test('every part of a stream path matters: value, order, type and where a text ends', () => {
  const paths: (number | string)[][] = [
    [],
    [0],
    [1],
    [-1],
    [0.5],
    [2 ** 40],
    [2 ** 40 + 1],
    ['0'],
    [''],
    ['', ''],
    ['a'],
    ['ab'],
    ['ba'],
    ['a', 'b'],
    ['b', 'a'],
    [0, 0],
    ['a', 0],
    [0, 'a'],
  ]
  const first = [1, 2, 1e9, 0.1].flatMap((seed) =>
    paths.map((path) => {
      const random = createRandom(seed, ...path)
      return `${random.uint32()} ${random.uint32()}`
    }),
  )
  expect(new Set(first).size).toBe(first.length)
})

test('minus zero names the same stream as zero, and a seed that is no number is refused', () => {
  expect(createRandom(-0).uint32()).toBe(createRandom(0).uint32())
  expect(() => createRandom(Number.NaN)).toThrow('internal: NaN cannot name a random stream')
})

test('normals have the moments and the tail of the normal distribution', () => {
  const values = new Float32Array(2_000_000)
  createRandom(3, 'moments').fillNormal(values)
  let mean = 0
  let square = 0
  let cube = 0
  let fourth = 0
  let tail = 0
  for (const x of values) {
    mean += x
    square += x * x
    cube += x * x * x
    fourth += x ** 4
    if (Math.abs(x) > 3.442619855899) tail++
  }
  const n = values.length
  // Five standard errors of each estimate: sqrt(1, 2, 15, 96) / sqrt(n).
  const within = (error: number): number => (5 * error) / Math.sqrt(n)
  expect(Math.abs(mean / n)).toBeLessThan(within(1))
  expect(Math.abs(square / n - 1)).toBeLessThan(within(Math.SQRT2))
  expect(Math.abs(cube / n)).toBeLessThan(within(Math.sqrt(15)))
  expect(Math.abs(fourth / n - 3)).toBeLessThan(within(Math.sqrt(96)))
  expect(Math.abs(tail / n - 5.7595e-4)).toBeLessThan(within(Math.sqrt(5.76e-4)))
})

test('normals fill every part of the curve evenly, also where two ziggurat layers meet', () => {
  // Quantiles of the normal distribution at 1/16, 2/16, ... (scipy.stats.norm.ppf).
  const quantiles = [
    -1.5341205443525, -1.150349380376, -0.8871465590189, -0.6744897501961, -0.4887764111147, -0.3186393639644,
    -0.1573106846102, 0,
  ]
  const edges = [
    ...quantiles,
    ...quantiles
      .slice(0, 7)
      .reverse()
      .map((x) => -x),
  ]
  const counts = Array.from({ length: 16 }, () => 0)
  const random = createRandom(5, 'even')
  const n = 400_000
  for (let i = 0; i < n; i++) {
    const x = random.normal()
    const below = edges.filter((edge) => edge < x).length
    counts[below] = counts[below]! + 1
  }
  const chiSquare = counts.reduce((sum, count) => sum + (count - n / 16) ** 2 / (n / 16), 0)
  // 15 degrees of freedom: exceeded once in 10,000 seeds.
  expect(chiSquare).toBeLessThan(44.3)
})

test('fillNormal draws what repeated normal() draws, scaled', () => {
  const filled = new Float32Array(5000)
  createRandom(9).fillNormal(filled, 0.015)
  const single = createRandom(9)
  const repeated = filled.map(() => single.normal() * 0.015)
  expect(filled).toEqual(repeated)
})

test('uniform numbers lie in [0, 1) and have the right mean and spread', () => {
  const random = createRandom(11)
  const n = 200_000
  let sum = 0
  let square = 0
  let outside = 0
  for (let i = 0; i < n; i++) {
    const x = random.float64()
    if (x < 0 || x >= 1) outside++
    sum += x
    square += x * x
  }
  expect(outside).toBe(0)
  expect(Math.abs(sum / n - 0.5)).toBeLessThan(0.0033)
  expect(Math.abs(square / n - 1 / 3)).toBeLessThan(0.0034)
})

test('whole numbers are even over a limit that does not divide 2^32', () => {
  const random = createRandom(13)
  const counts = Array.from({ length: 7 }, () => 0)
  for (let i = 0; i < 70_000; i++) {
    const drawn = random.integer(7)
    counts[drawn] = counts[drawn]! + 1
  }
  // 6 degrees of freedom: exceeded once in 10,000 seeds.
  expect(counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0)).toBeLessThan(27.9)
  expect(() => random.integer(0)).toThrow('internal')
})

test('a shuffle keeps every element and reaches every order equally', () => {
  const counts = new Map<string, number>()
  const random = createRandom(17)
  for (let i = 0; i < 6000; i++) {
    const letters = ['a', 'b', 'c']
    random.shuffle(letters)
    counts.set(letters.join(''), (counts.get(letters.join('')) ?? 0) + 1)
  }
  expect([...counts.keys()].sort()).toEqual(['abc', 'acb', 'bac', 'bca', 'cab', 'cba'])
  for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150)
})

test('a sample has different indices in range, and the whole range is a permutation', () => {
  fc.assert(
    fc.property(fc.integer(), fc.nat(300), fc.nat(300), (seed, a, b) => {
      const [k, n] = a < b ? [a, b] : [b, a]
      const chosen = createRandom(seed).sample(n, k)
      expect(new Set(chosen).size).toBe(k)
      expect(chosen.every((index) => index < n)).toBe(true)
    }),
  )
  expect(() => createRandom(1).sample(3, 4)).toThrow('internal: 4 different indices out of 3')
})

test('a sample takes each index equally often', () => {
  const counts = Array.from({ length: 10 }, () => 0)
  const random = createRandom(19)
  for (let i = 0; i < 10_000; i++)
    for (const index of random.sample(10, 3)) counts[index] = counts[index]! + 1
  for (const count of counts) expect(Math.abs(count - 3000)).toBeLessThan(230)
})
