import { methodNames, profileNames } from '@assay/contract'
import { expect, test } from 'vitest'
import { allCommands } from './command-line.ts'
import { createProgram } from './program.ts'
import { runCommandLine } from './testing/host.ts'

test.each([
  '',
  'demo',
  'data',
  'data describe',
  'data convert',
  'data synthesise',
  'train',
  'inspect',
  'evaluate',
  'weights',
  'weights list',
  'weights fetch',
  'weights add',
  'weights verify',
  'bench quality',
  'experiment',
  'step',
  'step evaluate',
])('the help of "%s" is as agreed', async (name) => {
  const { code, out, err } = await runCommandLine([
    ...name.split(' ').filter((word) => word !== ''),
    '--help',
  ])
  expect(code).toBe(0)
  expect(err).toBe('')
  expect(out).toMatchSnapshot()
})

test('without any word there is help, not an error', async () => {
  expect(await runCommandLine([])).toEqual(await runCommandLine(['--help']))
})

test('no line of help is wider than a hundred characters', async () => {
  const { out } = await runCommandLine(['train', '--help'])
  for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(100)
})

test('the version goes to stdout', async () => {
  expect(await runCommandLine(['--version'])).toEqual({ code: 0, out: '1.2.3\n', err: '' })
})

test.each([
  [['train', 'parts', '--sead', '3'], 'Unknown option "--sead".', 'Did you mean "--seed"?'],
  [['train', 'parts', '--thread=3'], 'Unknown option "--thread".', 'Did you mean "--threads"?'],
  [['inspect', 'm', 'a.png', '-json'], 'Unknown option "-json".', 'Did you mean "--json"?'],
  [['train', 'parts', '--xyzzy'], 'Unknown option "--xyzzy".', 'See --help.'],
])('a mistyped option is an error that suggests the right one: %j', async (argv, message, hint) => {
  const { code, out, err } = await runCommandLine(argv)
  expect(err).toBe(`error: ${message}\n       ${hint}\n`)
  expect({ code, out }).toEqual({ code: 64, out: '' })
})

test.each([
  [['inpsect', 'm', 'a.png'], 'inpsect', 'Did you mean "inspect"?'],
  [['describe', 'parts'], 'describe', 'Did you mean "data describe"?'],
  [['data', 'descrbe', 'parts'], 'descrbe', 'Did you mean "describe"?'],
  [['eval', 'm', 'parts'], 'eval', 'Did you mean "evaluate"?'],
  [['help', 'trian'], 'trian', 'Did you mean "train"?'],
  [['model.onnx', 'a.png'], 'model.onnx', 'See "assay --help".'],
])('a mistyped command is an error that suggests the right one: %j', async (argv, word, hint) => {
  const { code, err } = await runCommandLine(argv)
  expect(err).toBe(`error: Unknown command "${word}".\n       ${hint}\n`)
  expect(code).toBe(64)
})

test.each([
  [['train', 'a', 'b'], '"assay train" cannot use "b"'],
  [['inspect', 'model.onnx'], 'needs <image>'],
  [['evaluate'], 'needs <model>'],
  [['train', 'a', '--seed'], 'The option --seed <n> needs a value'],
  [['train', 'a', '--out', '--quiet'], 'The option --out needs a value, but "--quiet" follows'],
  [['train', '--product', 'cap', 'parts'], 'with <data> before --product'],
  [['weights', 'import', 'cras'], 'needs <checkpoint>'],
  [['weights', 'import', 'cras', 'c.pth'], 'give the center.pth beside the checkpoint with --centres'],
  [['weights', 'import', 'cras', 'c.pth', '--centres', 'd.pth'], 'good images with --calibrate'],
])('too many words, too few words and swallowed words are told apart: %j', async (argv, sentence) => {
  const { code, err } = await runCommandLine(argv)
  expect(err).toContain(sentence)
  expect(code).toBe(64)
})

test.each([
  [['train', 'a', '--seed', '-1'], '"-1" is not valid for --seed'],
  [['train', 'a', '--seed', '1.5'], '"1.5" is not valid for --seed'],
  [['train', 'a', '--threads', '0'], 'a whole number from 1 to 1024 is needed'],
  [['train', 'a', '--method', 'crass'], 'perhaps "cras"'],
  [['train', 'a', '--profile', 'quick'], 'it is one of fast, balanced, accurate'],
  [['train', 'a', '--memory', '2 apples'], 'an amount such as 500MB or 2GB is needed'],
  [['inspect', 'm', 'a.png', '--device', 'gpu'], 'it is one of auto, cpu, webgpu, cuda'],
])('a value that does not fit is refused before anything is read: %j', async (argv, sentence) => {
  const { code, err } = await runCommandLine(argv)
  expect(err).toContain(sentence)
  expect(code).toBe(64)
})

test('with --json an error is one document on stdout as well', async () => {
  const { code, out, err } = await runCommandLine(['train', 'a', '--json', '--sead', '1'])
  expect(JSON.parse(out)).toEqual({
    error: { code: 'OPTION_UNKNOWN', message: 'Unknown option "--sead".', hint: 'Did you mean "--seed"?' },
  })
  expect(out.trim().split('\n')).toHaveLength(1)
  expect(err).toContain('error: Unknown option')
  expect(code).toBe(64)
})

test('a word after two dashes is not an option', async () => {
  const { out, err } = await runCommandLine(['describ', '--', '--json'])
  expect(out).toBe('')
  expect(err).toContain('Unknown command')
})

test('every method and profile there is stands in the help', async () => {
  const { out } = await runCommandLine(['train', '--help'])
  for (const name of [...profileNames, ...methodNames.filter((name) => name !== 'robis')])
    expect(out).toContain(name)
})

test('every command that does something can speak JSON and be quiet', () => {
  const program = createProgram({ version: '0', act: () => undefined })
  const leaves = allCommands(program).filter((command) => command.commands.length === 0)
  expect(leaves.map((command) => command.name())).toEqual([
    'demo',
    'describe',
    'convert',
    'synthesise',
    'train',
    'calibrate',
    'check',
    'export',
    'inspect',
    'evaluate',
    'submit',
    'list',
    'fetch',
    'add',
    'verify',
    'cras',
    'robis',
    'quality',
    'experiment',
    'crop',
    'train',
    'maps',
    'merge',
    'binarise',
    'refine',
    'evaluate',
    'all',
    'backup',
    'restore',
    'worker',
  ])
  for (const leaf of leaves) {
    expect(leaf.options.map((option) => option.long)).toEqual(expect.arrayContaining(['--json', '--quiet']))
  }
})
