/**
 * The commands of `assay step`: RoBiS as published, one step at a time.
 *
 * Options that the reference has are spelt as there, and every step takes all of them, as one configuration
 * serves all steps; `pipeline/step/settings.ts` of the library says what they take.
 */
import { type Command, Option } from 'commander'

const steps = {
  crop: 'Cut the pictures into tiles. (Assay itself never needs this: it cuts in memory.)',
  train: 'Train one INP-Former per object on its good tiles.',
  maps: 'Write the anomaly map of every tile as a 16-bit float TIFF.',
  merge: 'Join the maps of tiles to maps of pictures, at a quarter of their size.',
  binarise: 'Write masks of the maps as PNG.',
  refine: 'Draw the outlines of the masks anew with Segment Anything.',
  evaluate: 'Measure maps and masks of the public split, or pack a submission of the private ones.',
  all: 'All of these in order, as train_state, test_state and eval_pub say.',
} as const

type StepWord = keyof typeof steps
export type StepCommandName = `step ${StepWord}`
/** In their order. */
export const stepWords = Object.keys(steps) as readonly StepWord[]

/** What the reference has, with what it means; the library knows the defaults. */
export const publishedOptions: readonly (readonly [flags: string, meaning: string])[] = [
  ['--dataset_name <name>', 'MVTec-AD-2'],
  ['--original_data_path <folder>', 'original pictures (default: ./data/mvtec_ad_2)'],
  ['--data_path <folder>', 'tiles (default: ./mvtec_ad_2_processed)'],
  ['--mvtecad2_class_list <name...>', 'objects, or all (default: all)'],
  [
    '--test_type <split>',
    'test_public, test_private, test_private_mixed or validation (default: test_public)',
  ],
  ['--window_size <pixels>', 'side of a tile (default: 1024)'],
  ['--desired_overlap <share>', 'of a tile that the next one covers too (default: 0.1)'],
  ['--save_dir <folder>', 'trained models (default: ./saved_weights)'],
  ['--amap_savedir <folder>', 'maps (default: ./anomaly_map_results)'],
  ['--bin_savedir <folder>', 'masks (default: ./binary_map_results)'],
  [
    '--encoder <name>',
    'dinov2reg_vit_{small,base,large}_14 or dinov2_vit_... (default: dinov2reg_vit_base_14)',
  ],
  ['--input_size <pixels>', 'side to which a tile is scaled (default: 518)'],
  ['--crop_size <pixels>', 'side of the middle of it that the model sees (default: 518)'],
  ['--INP_num <n>', 'prototypes per tile (default: 6)'],
  ['--total_epochs <n>', 'passes over the tiles (default: 200)'],
  ['--batch_size <n>', 'tiles per optimiser step (default: 16)'],
  ['--train_state [bool]', 'all: whether to train (default: True)'],
  ['--test_state [bool]', 'all: whether to make maps and masks (default: True)'],
  ['--eval_pub [bool]', 'all: whether to evaluate the public split (default: True)'],
  ['--device <name>', '0 as in the reference, or auto, cpu, webgpu, cuda (default: auto)'],
]

/** What only some steps take. */
const own: readonly (readonly [flags: string, meaning: string, of: readonly StepWord[]])[] = [
  ['--steps <n>', 'optimiser steps in place of epochs, to try it small', ['train', 'all']],
  ['--seed <n>', 'same seed, same model (default: 1)', ['train', 'all']],
  [
    '--scale <name>',
    'published: 0 to 255 over the tested split; raw: each map by itself, masks from good maps (default: published)',
    ['maps', 'all'],
  ],
  ['--keep-tiles', 'leave the maps of the tiles where they are', ['merge']],
  [
    '--segmenter <name>',
    'sam-vit-b, sam-vit-l or sam-vit-h (default: sam-vit-b for test_private_mixed, else sam-vit-h)',
    ['refine', 'all'],
  ],
  [
    '--submission <folder>',
    'lay out, check and pack maps and masks of both private splits for the benchmark server, instead',
    ['evaluate'],
  ],
  [
    '--force',
    'make anew what an earlier run of this step has made; files of others are never touched',
    ['crop', 'train', 'maps', 'binarise', 'refine'],
  ],
]

/** Adds the commands; `finish` gives each what all commands have. */
export function addSteps(program: Command, finish: (command: Command, name: StepCommandName) => void): void {
  const step = program
    .command('step')
    .description('RoBiS as published, one step at a time, from folder to folder in its own layout.')
    .helpCommand(false)
  for (const word of stepWords) {
    const command = step
      .command(word)
      .description(steps[word])
      .option('--config <file>', 'YAML file with the published keys; options win over it')
    for (const [flags, meaning] of publishedOptions) command.option(flags, meaning)
    for (const [flags, meaning, of] of own) if (of.includes(word)) command.option(flags, meaning)
    command
      .addOption(new Option('--threads <n>', 'threads to use (default: one per core)'))
      .addOption(new Option('--max-pixels <n>', 'refuse images with more pixels than this'))
    finish(command, `step ${word}`)
  }
}
