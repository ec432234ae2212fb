/**
 * The tree of commands and options, as commander sees it. Nothing is done here.
 *
 * Values stay text; each command reads its own when it runs, so that --help needs neither the library
 * nor the contract. `docs/reference/cli.md` is generated from this tree.
 */
import { Command, Option } from 'commander'
import { addBench, type BenchCommandName } from './program-bench.ts'
import { addSteps, type StepCommandName } from './program-step.ts'
import { addStudio, type StudioCommandName } from './program-studio.ts'

/** The commands that do something, by their full name. */
export type CommandName =
  | 'demo'
  | 'data describe'
  | 'data convert'
  | 'data synthesise'
  | 'train'
  | 'calibrate'
  | 'check'
  | 'export'
  | 'inspect'
  | 'evaluate'
  | 'submit'
  | 'weights list'
  | 'weights fetch'
  | 'weights add'
  | 'weights verify'
  | 'weights import cras'
  | 'weights import robis'
  | BenchCommandName
  | StepCommandName
  | StudioCommandName

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
    // What stands behind the name of a command belongs to that command, also where one above it has the same option.
    .enablePositionalOptions()
    .addHelpText(
      'after',
      `
Start here:
  assay demo                                        see the whole way on synthesised parts
  assay data describe parts/                        see how a folder is understood
  assay train parts/ --out model.onnx               learn from its good images
  assay calibrate model.onnx good/                  set the thresholds again on other good images
  assay inspect model.onnx new.png --out report     get verdict, map, mask and a page
  assay evaluate model.onnx parts/ --out report     measure on labelled test images
  assay studio                                      all of it in a browser, for a team`,
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
    .description(
      'Say how images are understood: dataset, products, counts, sizes, what is missing and what is odd.',
    )
    .argument(
      '<data>',
      'a folder of images or a list of them (.csv, .jsonl); layouts and datasets are in docs/datasets.md',
    )
    .addOption(layout())
    .option('--product <name...>', 'only these products')
    .option('--thorough', 'also decode every image, which finds files that are damaged inside')
  finish(describe, 'data describe', act)
  const convert = data
    .command('convert')
    .description('Bring a dataset into the MVTec AD layout: files byte for byte, whole or not at all.')
    .argument('<layout>', 'what it is now, such as visa, mtd, kolektorsdd, btad or manifest')
    .argument('<from>', 'the dataset, or a list of images')
    .argument('<to>', 'the folder to make; it must not be there yet')
    .option('--link', 'hard links instead of copies, on one file system')
    .option('--product <name...>', 'only these products')
  finish(convert, 'data convert', act)
  const synthesise = data
    .command('synthesise')
    .description('Draw made-up parts, good ones and ones with defects and exact masks, to try things with.')
    .argument('<folder>', 'where they go; it must be empty or not there yet')
    .option('--product <list>', 'some of fabric, metal, wood, blister, board, flange (default: all)')
    .option(
      '--kinds <list>',
      'only these defects, such as scratch,missing (default: all that a product can have)',
    )
    .option('--good <n>', 'good parts for training, per product (default: 40)')
    .option('--test <n>', 'good parts for test, per product (default: 10)')
    .option('--defects <n>', 'parts for test with each defect, per product (default: 4)')
    .option('--size <pixels>', 'width x height; the same seed shows the same parts at any (default: 512x512)')
    .option('--seed <n>', 'same seed, same pictures (default: 0)')
    .option('--layout <name>', 'how they are laid out: mvtec-ad', 'mvtec-ad')
  finish(synthesise, 'data synthesise', act)

  const train = program
    .command('train')
    .description('Learn from the good images of a folder; the model is one file.')
    .argument('[data]', 'folder of images; "assay data describe" shows how it is understood')
    .option('--out <file>', 'where the model goes', 'model.onnx')
    .addOption(layout())
    .option('--product <name...>', 'only these products; without it one model for all')
    .option(
      '--method <name>',
      'cras, patchcore, padim, robis, or auto, which compares them on your good images (default: cras)',
    )
    .option('--profile <name>', 'fast, balanced or accurate (default: balanced)')
    .option('--backbone <id>', 'network that makes the features, such as efficientnet-lite0')
    .option('--recipe <file>', 'YAML file with any part of a recipe')
    .option('--seed <n>', 'same seed, same model')
    .option('--window <pixels>', 'cut large pictures into windows of this side, for small defects')
    .addOption(segmenter())
    .addOption(falseAlarms())
    .addOption(unsure())
    .addOption(confidence())
    .option('--mode <name>', 'assay: no peeking, one image at a time; paper: as published (default: assay)')
    .addOption(providers())
    .option('--resume', 'go on with the interrupted training of this --out')
    .option('--print-recipe', 'print every setting that would be used, and stop')
    .addOption(threads())
    .addOption(device())
    .option('--memory <size>', 'memory for features and the bank of patches, such as 500MB (default: 2GB)')
    .addOption(maxPixels())
  finish(train, 'train', act)

  const calibrate = program
    .command('calibrate')
    .description(
      'Set the thresholds of a model again on good images, without training; earlier ones are kept in its card.',
    )
    .argument('<model>', 'model file made by "assay train"')
    .argument(
      '<data>',
      'folder of good images that the model has not learned from; labelled defects in it are judged, not used',
    )
    .option('--out <file>', 'where the model with the new thresholds goes (default: in place of the old one)')
    .addOption(falseAlarms())
    .option('--false-masks <rate>', 'share of good images in whose mask something may show')
    .addOption(unsure())
    .addOption(confidence())
    .option(
      '--zones <file>',
      'JSON of zones to inspect or ignore, with their rules; "none" takes those of the model away',
    )
    .option('--product <name...>', 'only these products')
    .addOption(threads())
    .addOption(device())
    .addOption(maxPixels())
  finish(calibrate, 'calibrate', act)

  const check = program
    .command('check')
    .description('Compare a model on one or more devices with itself on the CPU: scores, maps and masks.')
    .argument('<model>', 'model file made by "assay train"')
    .argument('[image...]', 'images and folders; without any, the pictures of its sample vectors')
    .addOption(threads())
    .option(
      '--device <list>',
      'auto, cpu, webgpu, cuda, directml, coreml, or several with commas between them',
      'cpu',
    )
    .addOption(maxPixels())
  finish(check, 'check', act)

  const exporting = program
    .command('export')
    .description(
      'Make a smaller variant of a model, and write it only if it judges like the model: scores, maps, masks, verdicts.',
    )
    .argument('<model>', 'float32 model file made by "assay train"')
    .argument('[image...]', 'images and folders to compare on (default: some of --calibration)')
    .option('--precision <name>', 'float16: half the size of large constants; int8: also integer layers')
    .option(
      '--out <file>',
      'where the variant goes (default: beside the model, with the precision in its name)',
    )
    .option(
      '--calibration <folder>',
      'good images that the model has not learned from; int8 needs them, and thresholds are set again on them if scores move',
    )
    .option('--product <name...>', 'only these products of the folder')
    .option('--data <folder>', 'labelled test images, on which the AUROC of both files is shown')
    .option(
      '--providers <list>',
      'where it has to judge as on the CPU before it is written; without cpu among them, float16 computes in float16, too',
      'cpu',
    )
    .addOption(threads())
    .addOption(maxPixels())
  finish(exporting, 'export', act)

  const inspect = program
    .command('inspect')
    .description('Give the verdict on images: one line each, in natural order.')
    .argument('<model>', 'model file made by "assay train"')
    .argument('<image...>', 'images and folders; folders are searched to the bottom')
    .option('--out <folder>', 'write overlays (PNG), maps (float32 TIFF), masks (PNG) and a page to look at')
    .option('--product <name>', 'the product shown, instead of recognising it')
    .option(
      '--fail-on <verdict>',
      'defect: exit with 1 if there is one; unsure: also exit with 2 if an image is unsure and none a defect',
    )
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
    .addOption(layout())
    .option('--product <name...>', 'only these products')
    .option('--more', 'with --json: also masks, conditions and limits, see docs/metrics.md')
    .option('--intervals', 'also draw the test images anew 1000 times and say how far the metrics move')
    .addOption(threads())
    .addOption(device())
    .addOption(maxPixels())
  finish(evaluate, 'evaluate', act)
  const submit = program
    .command('submit')
    .description(
      'Check a folder of maps and masks by every rule of the MVTec AD 2 benchmark server, and pack it.',
    )
    .argument('<folder>', 'holds anomaly_images and, for masks, anomaly_images_thresholded')
    .option('--out <file>', 'the archive (default: the name of the folder with .tar.gz)')
  finish(submit, 'submit', act)
  addWeights(program, act)
  addBench(program, (command, name) => finish(command, name, act))
  addSteps(program, (command, name) => finish(command, name, act))
  addStudio(program, (command, name) => finish(command, name, act))

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
    .addOption(providers())
    .addOption(threads())
    .addOption(device())
    .addOption(maxPixels())
  finish(cras, 'weights import cras', act)
  const robis = imports
    .command('robis')
    .description("Make a model file of a RoBiS or INP-Former that its authors' code has trained.")
    .argument('<checkpoint>', 'model.pth; it holds the network that made the features as well')
    .option(
      '--calibrate <folder>',
      'good images, laid out as for a training, that set the thresholds; needed, and best not learned from',
    )
    .option('--product <name>', 'which, where the good images are of several')
    .option('--backbone <id>', 'network that it was trained on', 'dinov2reg-vit-b14')
    .option('--input <side>', '518, as RoBiS; or 392, the middle of 448 x 448, as INP-Former (default: 518)')
    .option(
      '--window <pixels>',
      'cut images into windows of this side (default: 1024 where a good image is larger)',
    )
    .option('--out <file>', 'where the model goes', 'model.onnx')
    .addOption(providers())
    .addOption(threads())
    .addOption(device())
    .addOption(maxPixels())
  finish(robis, 'weights import robis', act)
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

function layout(): Option {
  return new Option('--layout <name>', 'read it as this, such as visa or plain, instead of finding out')
}

function segmenter(): Option {
  return new Option(
    '--segmenter <name>',
    'draw outlines anew with Segment Anything: sam-vit-b, sam-vit-l, sam-vit-h or none; see "assay weights"',
  )
}

function falseAlarms(): Option {
  return new Option(
    '--false-alarms <rate>',
    'share of good images that may be called defect: "1 in 500", 0.2% or 0.002',
  )
}

function unsure(): Option {
  return new Option(
    '--unsure <rate>',
    'share of good images that may be called unsure or defect, for three verdicts; "none" for two',
  )
}

function confidence(): Option {
  return new Option(
    '--confidence <share>',
    'keep --false-alarms with this confidence, such as 95%, if the images allow it; "none" aims at it on average',
  )
}

function device(): Option {
  return new Option('--device <name>', 'auto, cpu, webgpu, cuda, directml or coreml (default: cpu)')
}

function providers(): Option {
  return new Option(
    '--providers <list>',
    'where the model has to judge as on the CPU before it is written, such as cpu,webgpu (default: as --device)',
  )
}

function maxPixels(): Option {
  return new Option('--max-pixels <n>', 'refuse images with more pixels than this')
}
