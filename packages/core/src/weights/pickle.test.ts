import { AssayError } from '@assay/contract'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { limits } from './limits.ts'
import { describe as wordsFor, readPickle, type PickleHost, type PickleResult } from './pickle.ts'

/** Bytes of a pickle, from numbers (opcodes) and text (arguments). */
const pickle = (...parts: (number | string)[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((p) => (typeof p === 'number' ? [p] : [...Buffer.from(p, 'latin1')])))

const calls: string[] = []
/** Builds text, so that results compare simply. */
const host: PickleHost<string> = {
  names: new Set(['torch.FloatStorage']),
  functions: new Map([
    [
      'torch.make',
      (args) => {
        calls.push('made')
        return `made of ${args.length}`
      },
    ],
  ]),
  persistent: (id) => `persistent ${wordsFor(id)}`,
}
const read = (...parts: (number | string)[]): PickleResult<string> =>
  readPickle(pickle(...parts), host, 'a.pkl')
const valueOf = (...parts: (number | string)[]): unknown => {
  const result = read(...parts)
  return result.state === 'whole' ? result.value : 'cut'
}
const codeOf = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    if (error instanceof AssayError) return `${error.code}: ${error.message}`
    throw error
  }
  return 'read'
}

describe('values', () => {
  test.each<[string, (number | string)[], unknown]>([
    ['None', ['N.'], null],
    ['truth', [0x88, '.'], true],
    ['one byte', ['K', 255, '.'], 255],
    ['two bytes', ['M', 1, 2, '.'], 513],
    ['four bytes', ['J', 255, 255, 255, 255, '.'], -1],
    ['a long that fits a number', [0x8a, 2, 0, 0x80, '.'], -32768],
    ['an empty long', [0x8a, 0, '.'], 0],
    ['a long that does not fit', [0x8a, 8, 0, 0, 0, 0, 0, 0, 0, 64, '.'], 2n ** 62n],
    ['a negative one', [0x8b, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, '.'], -(2n ** 64n)],
    ['a float', ['G', 0xbf, 0xf8, 0, 0, 0, 0, 0, 0, '.'], -1.5],
    ['text', ['X', 3, 0, 0, 0, 'h', 0xc3, 0xa9, '.'], 'hé'],
    ['text of Python 2', ['U', 2, 'ab.'], 'ab'],
    ['bytes', ['C', 2, 'ab.'], Uint8Array.of(97, 98)],
    ['a tuple of three', ['K', 1, 'K', 2, 'N', 0x87, '.'], { kind: 'tuple', items: [1, 2, null] }],
    ['a list by marks', ['](K', 1, 'K', 2, 'e.'], { kind: 'list', items: [1, 2] }],
    ['a dictionary', ['}X', 1, 0, 0, 0, 'aNs.'], { kind: 'dict', entries: new Map([['a', null]]) }],
    ['a dropped value and a dropped mark', ['K', 1, '(K', 2, 'K', 3, '1NN00.'], 1],
    ['a value used twice', ['K', 7, 'q', 0, 'h', 0, 0x86, '.'], { kind: 'tuple', items: [7, 7] }],
    ['a persistent identifier', ['K', 7, 'Q.'], { kind: 'made', value: 'persistent 7' }],
    ['an allowed call', ['ctorch\nmake\nK', 1, 0x85, 'R.'], { kind: 'made', value: 'made of 1' }],
    [
      'an ordered dictionary with attributes',
      ['ccollections\nOrderedDict\n)R}b.'],
      { kind: 'ordered-dict', entries: new Map() },
    ],
    [
      'an ordered dictionary of Python 2',
      ['ccollections\nOrderedDict\n(((X', 1, 0, 0, 0, 'aK', 5, 'lltR.'],
      { kind: 'ordered-dict', entries: new Map([['a', 5]]) },
    ],
  ])('%s', (_, parts, want) => {
    expect(valueOf(0x80, 2, ...parts)).toEqual(want)
  })

  test('the length counts the bytes of the pickle and not what follows', () => {
    expect(read('N.', 1, 2, 3)).toEqual({ state: 'whole', value: null, length: 2 })
  })

  test('every shorter piece is cut, not damaged', () => {
    const whole = pickle(0x80, 2, '}X', 1, 0, 0, 0, 'actorch\nmake\nK', 1, 0x85, 'Rs.')
    for (let n = 0; n < whole.length; n++)
      expect(readPickle(whole.subarray(0, n), host, 'a.pkl')).toEqual({ state: 'cut' })
  })
})

describe('refusals', () => {
  test.each<[string, (number | string)[], string]>([
    ['a function of the system', ['cos\nsystem\n.'], 'os.system'],
    ['the same, with arguments', ['cposix\nsystem\nX', 1, 0, 0, 0, 'x', 0x85, 'R.'], 'posix.system'],
    ['the same, by protocol 4', [0x8c, 2, 'os', 0x8c, 6, 'system', 0x93, '.'], 'os.system'],
    ['eval', ['c__builtin__\neval\n.'], '__builtin__.eval'],
    [
      'a name with dots inside an allowed module',
      ['ccollections\nOrderedDict.__init__\n.'],
      'collections.OrderedDict.__init__',
    ],
    ['a name split at another dot', ['ctorch._utils\nmake\n.'], 'torch._utils.make'],
    ['a class of old', ['(ios\nsystem\n.'], 'os.system(...)'],
    ['a new object', ['ccollections\nOrderedDict\n)', 0x81, '.'], 'a new object of a class'],
    ['a call of what may only be mentioned', ['ctorch\nFloatStorage\n)R.'], 'torch.FloatStorage(...)'],
    ['attributes of a plain dictionary', ['}}b.'], 'attributes of a dict'],
    ['attributes of a made thing', ['ctorch\nmake\n)R}b.'], 'attributes of a tensor'],
    ['an extension', [0x82, 1, '.'], 'an extension of the pickle registry'],
    ['unprintable names', ['c\u0001\u00c3\u00a9\nx\n.'], '??.x'],
  ])('%s', (_, parts, asked) => {
    expect(codeOf(() => read(...parts))).toBe(
      `WEIGHTS_REFUSED: a.pkl is refused: its pickle asks for "${asked}", and only tensors and plain containers are read.`,
    )
  })

  test('nothing is called on the way to a refusal by name', () => {
    calls.length = 0
    codeOf(() => read('cos\nsystem\nctorch\nmake\n)R.'))
    expect(calls).toEqual([])
  })
})

describe('damage', () => {
  test.each<[string, (number | string)[], string]>([
    ['an unknown opcode', [0xff], 'opcode 0xff'],
    ['text opcodes of protocol 0', ['I1\n.'], 'opcode 0x49'],
    ['an unknown protocol', [0x80, 6, 'N.'], 'unknown protocol'],
    ['an empty stack', ['.'], 'untidy stack'],
    ['two values left', ['NN.'], 'untidy stack'],
    ['taking below a mark', ['N(0a.'], 'more than it put'],
    ['a missing mark', ['t.'], 'a mark is missing'],
    ['an item for a tuple', [')Na.'], 'items without a list'],
    ['keys for a list', ['](NNu.'], 'without a dictionary'],
    ['an odd number of keys and values', ['}(Nu.'], 'without a dictionary'],
    ['a key that is a list', ['}]Ns.'], 'neither text nor a number'],
    ['an unknown memo', ['h', 3, '.'], 'memo 3 is empty'],
    ['a call of text', ['X', 1, 0, 0, 0, 'a)R.'], 'not a name'],
    ['arguments in a list', ['ctorch\nmake\n]R.'], 'without arguments'],
    ['text that is not UTF-8', ['X', 1, 0, 0, 0, 0xff, '.'], 'not UTF-8'],
    ['text of four gigabytes', ['X', 255, 255, 255, 255], '4294967295 bytes'],
    ['text of 2^63 bytes', [0x8d, 0, 0, 0, 0, 0, 0, 0, 0x80], '9223372036854776000 bytes'],
    ['a number of 255 bytes', [0x8a, 255], 'whole number of 255 bytes'],
    ['a name without end', [`c${'a'.repeat(limits.pickleNameBytes)}`], 'name without end'],
    ['pairs that are not pairs', ['ccollections\nOrderedDict\n(](K', 1, 'etR.'], 'without pairs'],
  ])('%s', (_, parts, reason) => {
    const told = codeOf(() => read(...parts))
    expect(told).toMatch(/^WEIGHTS_UNREADABLE: /)
    expect(told).toContain(reason)
  })

  test('steps and containers are counted', () => {
    expect(
      codeOf(() => readPickle(new Uint8Array(limits.pickleOpcodes + 10).fill(0x4e), host, 'a.pkl')),
    ).toContain('steps')
    expect(
      codeOf(() => readPickle(new Uint8Array(limits.pickleContainers + 10).fill(0x7d), host, 'a.pkl')),
    ).toContain('containers')
  })

  test('one long list of pairs handed over many times costs its length each time', () => {
    const pairs = `](${'h\u0000'.repeat(20_000)}e`
    const many = 'ccollections\nOrderedDict\nh\u0001\u0085R0'.repeat(5_000)
    expect(codeOf(() => read('NN', 0x86, 'q', 0, '0', pairs, 'q', 1, '0', many, 'N.'))).toContain(
      'neither text nor a number',
    )
    expect(codeOf(() => read('K', 1, 'N', 0x86, 'q', 0, '0', pairs, 'q', 1, '0', many, 'N.'))).toContain(
      'steps',
    )
  })
})

test('any soup of opcodes ends in a value, a cut or one of the two codes', () => {
  const known = [...Buffer.from('(.0125ABCDGJKMNQRTUX]`abcdehijloqrstu})', 'latin1')]
  const opcode = fc.oneof(
    fc.constantFrom(
      ...known,
      0x80,
      0x81,
      0x85,
      0x86,
      0x87,
      0x88,
      0x89,
      0x8a,
      0x8b,
      0x8c,
      0x8d,
      0x8e,
      0x93,
      0x94,
      0x95,
    ),
    fc.nat({ max: 3 }),
  )
  const word = fc.constantFrom(
    'ctorch\nmake\n',
    'ccollections\nOrderedDict\n',
    'ctorch\nFloatStorage\n',
    '](',
    '}(',
    ')R',
    '.',
  )
  const soup = fc.array(fc.oneof(opcode, word), { maxLength: 60 })
  const seen = new Set<string>()
  fc.assert(
    fc.property(soup, (parts) => {
      seen.add(codeOf(() => read(...parts)).slice(0, 18))
    }),
    { seed: 5, numRuns: 10_000 },
  )
  expect([...seen].sort()).toEqual(['WEIGHTS_REFUSED: a', 'WEIGHTS_UNREADABLE', 'read'])
})
