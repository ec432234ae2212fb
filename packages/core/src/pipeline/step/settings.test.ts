import { expect, test } from 'vitest'
import { parseStepSettings, stepKeys } from './settings.ts'

/** The published file: every key of it, in its sections. */
const published = {
  dataset: {
    dataset_name: 'MVTec-AD-2',
    original_data_path: './data/mvtec_ad_2',
    data_path: './mvtec_ad_2_processed',
    mvtecad2_class_list: 'all',
    test_type: 'test_public',
  },
  crop: { window_size: 1024, desired_overlap: 0.1 },
  save: {
    save_dir: './saved_weights',
    amap_savedir: './anomaly_map_results',
    bin_savedir: './binary_map_results',
  },
  model: { encoder: 'dinov2reg_vit_base_14', input_size: 518, crop_size: 518, INP_num: 6 },
  training: { total_epochs: 200, batch_size: 16, train_state: true },
  testing: { test_state: true, eval_pub: true },
  device: 0,
}

test('the published file says what is said without a file', () => {
  expect(parseStepSettings(published)).toEqual(parseStepSettings(null))
  const keys = Object.entries(published).flatMap(([key, value]) =>
    typeof value === 'object' ? Object.keys(value) : [key],
  )
  expect([...keys].sort()).toEqual([...stepKeys].sort())
})

test('flags win over the file, and keys may lie at the top', () => {
  const settings = parseStepSettings(
    { model: { INP_num: 4 }, batch_size: 8 },
    { batch_size: '2', mvtecad2_class_list: ['can', 'rice'], train_state: 'False', desired_overlap: '.25' },
  )
  expect(settings).toMatchObject({
    INP_num: 4,
    batch_size: 2,
    mvtecad2_class_list: ['can', 'rice'],
    train_state: false,
    desired_overlap: 0.25,
  })
})

test.each<[unknown, string, string | undefined]>([
  [{ crop: { windowsize: 512 } }, 'crop.windowsize', 'window_size'],
  [{ batchsize: 4 }, 'batchsize', 'batch_size'],
  [{ modle: { INP_num: 4 } }, 'modle', 'model'],
  [{ zzz: 1 }, 'zzz', undefined],
])('%j is refused with the key that was meant', (file, key, suggestion) => {
  expect(() => parseStepSettings(file)).toThrow(
    expect.objectContaining({
      code: 'RECIPE_KEY_UNKNOWN',
      params: expect.objectContaining({ key, suggestion }),
    }),
  )
})

test.each<[string, unknown, string]>([
  ['window_size', '1e3', 'a whole number from 32 to 8192 is needed'],
  ['window_size', 100.5, 'a whole number from 32 to 8192 is needed'],
  ['desired_overlap', 0.95, 'a share from 0 to 0.9 is needed'],
  ['test_type', 'private', 'it is one of test_public, test_private, test_private_mixed, validation'],
  ['mvtecad2_class_list', ['all', 'can'], '"all" stands alone'],
  ['mvtecad2_class_list', [1], 'names of objects are needed, or all'],
  ['train_state', 'yes', 'it is True or False'],
  ['data_path', '', 'text is needed'],
  [
    'device',
    3,
    'it is 0 or one of auto, cpu, webgpu, cuda, directml, coreml; choose among several GPUs with CUDA_VISIBLE_DEVICES',
  ],
  ['crop_size', 532, 'it is at most input_size, 518'],
])('%s does not take %j', (key, value, reason) => {
  expect(() => parseStepSettings({ [key]: value })).toThrow(
    expect.objectContaining({ code: 'OPTION_INVALID', params: expect.objectContaining({ reason }) }),
  )
})

test('a key that is given twice in a file is no choice', () => {
  expect(() => parseStepSettings({ batch_size: 1, training: { batch_size: 2 } })).toThrow('it is given twice')
})
