/**
 * The settings of the published steps under the names that RoBiS gives them, so that its YAML file and its
 * options work here (docs/robis.md has the table).
 *
 * Keys may lie in the published sections or at the top. What the reference leaves to chance is refused here:
 * unknown keys, keys given twice, values of another kind.
 */
import { AssayError, suggest } from '@assay/contract'
import type { DeviceRequest } from '../../runtime/index.ts'

const testSplits = ['test_public', 'test_private', 'test_private_mixed', 'validation'] as const
type TestSplit = (typeof testSplits)[number]

/** What the published steps are run with, paths as given. */
export interface StepSettings {
  readonly device: DeviceRequest
  readonly dataset_name: string
  /** Original pictures: `<object>/<split>/...`. */
  readonly original_data_path: string
  /** Tiles of them. */
  readonly data_path: string
  /** Names of objects; empty for all that are there. */
  readonly mvtecad2_class_list: readonly string[]
  readonly test_type: TestSplit
  /** Side of a tile in pixels of the original. */
  readonly window_size: number
  /** Share of a tile that the next one covers too. */
  readonly desired_overlap: number
  /** Trained models: `<object>/model.safetensors` or the reference's `<object>/model.pth`. */
  readonly save_dir: string
  /** Maps, of tiles and then of pictures. */
  readonly amap_savedir: string
  readonly bin_savedir: string
  readonly encoder: string
  /** Side to which a tile is scaled. */
  readonly input_size: number
  /** Side of the middle of it that the model sees. */
  readonly crop_size: number
  readonly INP_num: number
  readonly total_epochs: number
  readonly batch_size: number
  readonly train_state: boolean
  readonly test_state: boolean
  readonly eval_pub: boolean
}

export type StepKey = keyof StepSettings

/** Every key with its section in the published file; `parse` refuses by returning what it takes. */
interface KeyDefinition<K extends StepKey = StepKey> {
  readonly section: string | null
  readonly value: StepSettings[K]
  readonly parse: (given: unknown) => StepSettings[K] | Refusal
}

class Refusal {
  readonly reason: string
  constructor(reason: string) {
    this.reason = reason
  }
}

/** The defaults are those of the published file. */
const keys: { readonly [K in StepKey]: KeyDefinition<K> } = {
  dataset_name: { section: 'dataset', value: 'MVTec-AD-2', parse: choice(['MVTec-AD-2']) },
  original_data_path: { section: 'dataset', value: './data/mvtec_ad_2', parse: text },
  data_path: { section: 'dataset', value: './mvtec_ad_2_processed', parse: text },
  mvtecad2_class_list: { section: 'dataset', value: [], parse: names },
  test_type: { section: 'dataset', value: 'test_public', parse: choice(testSplits) },
  window_size: { section: 'crop', value: 1024, parse: whole(32, 8192) },
  desired_overlap: { section: 'crop', value: 0.1, parse: share },
  save_dir: { section: 'save', value: './saved_weights', parse: text },
  amap_savedir: { section: 'save', value: './anomaly_map_results', parse: text },
  bin_savedir: { section: 'save', value: './binary_map_results', parse: text },
  encoder: { section: 'model', value: 'dinov2reg_vit_base_14', parse: text },
  input_size: { section: 'model', value: 518, parse: whole(14, 4096) },
  crop_size: { section: 'model', value: 518, parse: whole(14, 4096) },
  INP_num: { section: 'model', value: 6, parse: whole(1, 64) },
  total_epochs: { section: 'training', value: 200, parse: whole(1, 1_000_000) },
  batch_size: { section: 'training', value: 16, parse: whole(1, 4096) },
  train_state: { section: 'training', value: true, parse: truth },
  test_state: { section: 'testing', value: true, parse: truth },
  eval_pub: { section: 'testing', value: true, parse: truth },
  device: { section: null, value: 'auto', parse: device },
}

// The table has a row for each key of the interface and no other.
export const stepKeys = Object.keys(keys) as readonly StepKey[]
const sections = [...new Set(Object.values(keys).flatMap(({ section }) => section ?? []))]

/**
 * Defaults, then `file` (what a YAML file holds), then `flags`, whose values are text. Throws RECIPE_KEY_UNKNOWN
 * with the key that was meant, OPTION_INVALID with what a key takes.
 */
export function parseStepSettings(
  file: unknown,
  flags: Readonly<Partial<Record<StepKey, unknown>>> = {},
): StepSettings {
  const settings: Record<string, unknown> = Object.fromEntries(stepKeys.map((key) => [key, keys[key].value]))
  for (const [key, value] of flatten(file)) settings[key] = parseKey(key, value)
  for (const key of stepKeys) if (flags[key] !== undefined) settings[key] = parseKey(key, flags[key])
  // Every key of the table was set, to its default or to what its own parser gave back.
  const whole = settings as unknown as StepSettings
  if (whole.crop_size > whole.input_size)
    refuse('crop_size', whole.crop_size, `it is at most input_size, ${whole.input_size}`)
  return whole
}

/** The keys of a file with their values, whichever section they lie in. */
function flatten(file: unknown): Map<StepKey, unknown> {
  const found = new Map<StepKey, unknown>()
  const add = (key: string, value: unknown, path: string): void => {
    const known = stepKeys.find((k) => k === key)
    if (known === undefined) throw unknownKey(key, path)
    if (found.has(known)) refuse(key, value, 'it is given twice')
    found.set(known, value)
  }
  if (file === null || file === undefined) return found
  for (const [key, value] of Object.entries(file)) {
    if (!sections.includes(key)) {
      add(key, value, key)
      continue
    }
    if (value === null) continue
    if (typeof value !== 'object' || Array.isArray(value))
      refuse(key, value, 'it is a section with keys below')
    for (const [name, inner] of Object.entries(value as object)) add(name, inner, `${key}.${name}`)
  }
  return found
}

function unknownKey(key: string, path: string): AssayError {
  const known = [...stepKeys, ...(path === key ? sections : [])]
  return new AssayError('RECIPE_KEY_UNKNOWN', { key: path, suggestion: suggest(key, known), known })
}

function parseKey(key: StepKey, given: unknown): StepSettings[StepKey] {
  const value = keys[key].parse(given)
  return value instanceof Refusal ? refuse(key, given, value.reason) : value
}

function refuse(key: string, value: unknown, reason: string): never {
  const shown = typeof value === 'string' ? value : JSON.stringify(value)
  throw new AssayError('OPTION_INVALID', { option: key, value: shown, reason })
}

function text(given: unknown): string | Refusal {
  return typeof given === 'string' && given !== '' ? given : new Refusal('text is needed')
}

function names(given: unknown): readonly string[] | Refusal {
  const list: unknown[] = Array.isArray(given) ? given : [given]
  if (!list.every((name) => typeof name === 'string' && name !== ''))
    return new Refusal('names of objects are needed, or all')
  // Checked above.
  const texts = [...new Set(list as string[])]
  if (!texts.includes('all')) return texts
  return texts.length === 1 ? [] : new Refusal('"all" stands alone')
}

function choice<T extends string>(words: readonly T[]): (given: unknown) => T | Refusal {
  return (given) => words.find((word) => word === given) ?? new Refusal(`it is one of ${words.join(', ')}`)
}

function whole(least: number, most: number): (given: unknown) => number | Refusal {
  return (given) => {
    const number = toNumber(given, /^\d{1,9}$/)
    if (Number.isInteger(number) && number >= least && number <= most) return number
    return new Refusal(`a whole number from ${least} to ${most} is needed`)
  }
}

function share(given: unknown): number | Refusal {
  const number = toNumber(given, /^\d?\.?\d{1,9}$/)
  return number >= 0 && number <= 0.9 ? number : new Refusal('a share from 0 to 0.9 is needed')
}

function truth(given: unknown): boolean | Refusal {
  if (typeof given === 'boolean') return given
  const word = typeof given === 'string' ? given.toLowerCase() : ''
  return word === 'true' || word === 'false' ? word === 'true' : new Refusal('it is True or False')
}

/** The reference's number of a GPU, where 0 takes the CPU if there is none, or one of our names. */
function device(given: unknown): DeviceRequest | Refusal {
  const names = ['auto', 'cpu', 'webgpu', 'cuda', 'directml', 'coreml'] as const
  if (given === 0 || given === '0') return 'auto'
  return (
    names.find((name) => name === given) ??
    new Refusal(`it is 0 or one of ${names.join(', ')}; choose among several GPUs with CUDA_VISIBLE_DEVICES`)
  )
}

function toNumber(given: unknown, pattern: RegExp): number {
  if (typeof given === 'number') return given
  return typeof given === 'string' && pattern.test(given) ? Number(given) : NaN
}
