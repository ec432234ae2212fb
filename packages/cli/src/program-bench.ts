/** The commands that make many runs: `assay bench quality` and `assay experiment`. */
import { type Command, Option } from 'commander'

export type BenchCommandName = 'bench quality' | 'experiment'

/** Adds the commands; `finish` gives each what all commands have. */
export function addBench(program: Command, finish: (command: Command, name: BenchCommandName) => void): void {
  const bench = program
    .command('bench')
    .description('Compare methods, backbones and settings on your own data.')
    .helpCommand(false)
  const quality = bench
    .command('quality')
    .description('Train and evaluate every combination that a file names; one table, one report.')
    .argument('<file>', 'YAML file with sets, methods, profiles, backbones and seeds; see docs/bench.md')
    .option(
      '--out <folder>',
      'where table and pages go; runs that are there are not run again',
      'assay-bench',
    )
  addRunOptions(quality, 'what the file says, else 1')
  finish(quality, 'bench quality')

  const experiment = program
    .command('experiment')
    .description("Repeat a published experiment and print the paper's figures beside ours.")
    .argument('<name>', 'which, such as cras-mvtec-multi; "list" shows them all')
    .option('--data <folder>', 'the data set')
    .option('--out <folder>', 'where table, models and pages go (default: assay-<name>)')
    .option('--product <name...>', 'only these products')
    .option('--epochs <n>', 'fewer epochs than published, for a trial')
    .option('--steps <n>', 'so many optimiser steps in place of epochs, for a trial')
    .option('--resume', 'go on with what was begun in this --out')
  addRunOptions(experiment, '1')
  finish(experiment, 'experiment')
}

function addRunOptions(command: Command, byDefault: string): void {
  command
    .addOption(new Option('--workers <n>', `runs side by side (default: ${byDefault})`))
    .addOption(new Option('--threads <n>', `threads of a run (default: ${byDefault})`))
    .addOption(new Option('--device <name>', 'auto, cpu, webgpu or cuda (default: cpu)'))
    .option(
      '--memory <size>',
      'memory of a run for features and the bank of patches, such as 500MB (default: 2GB)',
    )
}
