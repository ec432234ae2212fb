/**
 * The tree of commands and options, as commander sees it. Nothing is done here.
 *
 * Values stay text; each command reads its own when it runs, so that --help needs neither the library
 * nor the contract. `docs/reference/cli.md` is generated from this tree.
 */
import { Command, Option } from 'commander'

/** The commands that do something, by their full name. */
export type CommandName =
  | 'demo'
  | 'data describe'
  | 'train'
  | 'inspect'
  | 'evaluate'
  | 'weights list'
  | 'weights fetch'
  | 'weights add'
  | 'weights verify'
  | 'weights import cras'

/** Options as typed: text, several texts, or that a switch is there. */
export type Flags = Readonly<Record<string, string | readonly string[] | boolean | undefined>>

type Act = (command: CommandName, args: readonly string[], flags: Flags) => void

export interface ProgramOptions {
  readonly version: string
  /** Called with what was asked for; once per parsing. */
  readonly act: Act
}

export function createProgram({ version, act }: ProgramOptions): Command {
  const program = new Command('assay')
    .description(
      'Learns from pictures of good parts and says for new ones: good or defect, how sure, where, how large.',
    )
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .addHelpText(
      'after',
      `
Start here:
  assay demo                                        see the whole way on synthesised parts
  assay data describe parts/                        see how a folder is understood
  assay train parts/ --out model.onnx               learn from its good images
  assay inspect model.onnx new.png --out report     get verdict, map, mask and a page
  assay evaluate model.onnx parts/ --out report     measure on labelled test images`,
    )

  const demo = program
    .command('demo')
    .description(
      'Do the main job offline on parts that Assay synthesises: train, inspect, evaluate, write a report.',
    )
    .option('--out <folder>', 'where data, model and report go', 'assay-demo')
    .option('--profile <name>', 'fast, balanced or accurate', 'fast')
    .addOption(threads())
    .addOption(device())
  finish(demo, 'demo', act)

  const data = program
    .command('data')
    .description('Look at data before anything long starts.')
    .helpCommand(false)
  const describe = data
    .command('describe')
    .description('Say how a folder of images is understood: products, counts, sizes, and what is odd.')
    .argument(
      '<folder>',
      'a folder of images; MVTec AD layout, good/ beside others, plain, or one folder per product',
    )
    .option('--product <name...>', 'only these products')
    .option('--thorough', 'also decode every image, which finds files that are damaged inside')
  finish(describe, 'data describe', act)

  const train = program
    .command('train')
    .description('Learn from the good images of a folder; the model is one file.')
    .argument('[data]', 'folder of images; "assay data describe" shows how it is understood')
    .option('--out <file>', 'where the model goes', 'model.onnx')
    .option('--product <name...>', 'only these products; without it one model for all')
    .option(
      '--method <name>',
      'auto, cras or patchcore; auto takes what measurements favour for the data (default: auto)',
    )
    .option('--profile <name>', 'fast, balanced or accurate (default: balanced)')
    .option('--backbone <id>', 'network that makes the features, such as efficientnet-lite0')
    .option('--recipe <file>', 'YAML file with any part of a recipe')
    .option('--seed <n>', 'same seed, same model')
    .option('--window <pixels>', 'cut large pictures into windows of this side, for small defects')
    .addOption(segmenter())
    .option('--mode <name>', 'assay: no peeking, one image at a time; paper: as published (default: assay)')
    .option('--resume', 'go on with the interrupted training of this --out')
    .option('--print-recipe', 'print every setting that would be used, and stop')
    .addOption(threads())
    .addOption(device())
    .option('--memory <size>', 'memory for cached features, such as 500MB or 2GB (default: 2GB)')
    .addOption(maxPixels())
  finish(train, 'train', act)

  const inspect = program
    .command('inspect')
    .description('Give the verdict on images: one line each, in natural order.')
    .argument('<model>', 'model file made by "assay train"')
    .argument('<image...>', 'images and folders; folders are searched to the bottom')
    .option('--out <folder>', 'write overlays (PNG), maps (float32 TIFF), masks (PNG) and a page to look at')
    .option('--product <name>', 'the product shown, instead of recognising it')
    .addOption(segmenter())
    .addOption(threads())
    .addOption(device())
    .addOption(maxPixels())
  finish(inspect, 'inspect', act)

  const evaluate = program
    .command('evaluate')
    .description('Measure a model on labelled test images: eight metrics per product and their mean.')
    .argument('<model>', 'model file made by "assay train"')
    .argument(
      '<data>',
      'folder of images with test/good, test/<defect> and, for pixels, ground_truth/<defect>',
    )
    .option('--out <folder>', 'write a page with plots and the worst errors, and the scores as CSV')
    .option('--product <name...>', 'only these products')
    .addOption(threads())
    .addOption(device())
    .addOption(maxPixels())
  finish(evaluate, 'evaluate', act)
  addWeights(program, act)

  return program
}

function addWeights(program: Command, act: Act): void {
  const weights = program
    .command('weights')
    .description('Published weights of larger networks: see, fetch, add and verify them.')
    .helpCommand(false)
  finish(
    weights
      .command('list')
      .description('List what can be fetched, with licence and origin, and what is here.'),
    'weights list',
    act,
  )
  const fetch = weights
    .command('fetch')
    .description('Download weights into the cache; goes on where it stopped, and compares the sha256.')
    .argument('<id>', 'which; "assay weights list" shows them')
  finish(fetch, 'weights fetch', act)
  const add = weights
    .command('add')
    .description('Copy weights from a file into the cache, for machines without internet.')
    .argument('<id>', 'which; "assay weights list" shows them and where to download the file')
    .argument(
      '<file>',
      'the published file, or a conversion with the same tensors: .pth, .safetensors, .onnx',
    )
  finish(add, 'weights add', act)
  const verify = weights
    .command('verify')
    .description('Compute the sha256 of cached weights again.')
    .argument('[id]', 'which; without it all that are cached')
  finish(verify, 'weights verify', act)
  const imports = weights
    .command('import')
    .description('Make a model file of what the code of a paper has trained.')
    .helpCommand(false)
  const cras = imports
    .command('cras')
    .description("Make a model file of a CRAS that its authors' code has trained; it scores as theirs does.")
    .argument('<checkpoint>', 'ckpt_best_<epoch>.pth')
    .option('--centres <file>', 'the center.pth beside it; needed')
    .option(
      '--calibrate <folder>',
      'good images, laid out as for a training, that set the thresholds; needed, and best not learned from',
    )
    .option('--product <name...>', 'names in the order of the training; one alone is called like the folder')
    .option('--backbone <id>', 'network that made the features', 'wide-resnet50-2')
    .option('--out <file>', 'where the model goes', 'model.onnx')
    .addOption(threads())
    .addOption(device())
    .addOption(maxPixels())
  finish(cras, 'weights import cras', act)
}

function finish(command: Command, name: CommandName, act: Act): void {
  command
    .option('--json', name === 'inspect' ? 'print one JSON document per image' : 'print one JSON document')
    .option('--quiet', 'print results and errors only')
    .helpOption('-h, --help', 'print this help')
    .action((...given: unknown[]) => {
      // Commander hands over the arguments in order, then the options, then the command itself.
      const args = given.slice(0, -2) as (string | string[] | undefined)[]
      act(
        name,
        args.flatMap((arg) => arg ?? []),
        given.at(-2) as Flags,
      )
    })
}

function threads(): Option {
  return new Option('--threads <n>', 'threads to use (default: one per core)')
}

function segmenter(): Option {
  return new Option(
    '--segmenter <name>',
    'draw outlines anew with Segment Anything: sam-vit-b, sam-vit-l, sam-vit-h or none; see "assay weights"',
  )
}

function device(): Option {
  return new Option('--device <name>', 'auto, cpu, webgpu or cuda (default: cpu)')
}

function maxPixels(): Option {
  return new Option('--max-pixels <n>', 'refuse images with more pixels than this')
}
