/**
 * The one table of user-facing errors: code, sentence, remedy, HTTP status and exit code.
 *
 * Exit codes follow sysexits.h (64 usage, 65 data, 66 missing input, 69 unavailable, 73 cannot create,
 * 74 input/output, 78 configuration). `docs/reference/errors.md` is generated from this table.
 */

interface ErrorEntry<P> {
  readonly http: number
  readonly exit: number
  /** What is wrong, with the value and the place. */
  readonly text: (p: P) => string
  /** What to do about it. */
  readonly hint: (p: P) => string
}

const entry = <P>(e: ErrorEntry<P>): ErrorEntry<P> => e

const list = (names: readonly string[]): string => (names.length === 0 ? '(none)' : names.join(', '))

export const errorTable = {
  // images
  IMAGE_UNREADABLE: entry<{ path: string; reason: string }>({
    http: 422,
    exit: 65,
    text: (p) => `Cannot decode ${p.path}: ${p.reason}.`,
    hint: () =>
      'Supported: PNG, JPEG, TIFF, BMP and WebP, 8 or 16 bit. Open the file in a viewer to see whether it is whole.',
  }),
  IMAGE_TOO_LARGE: entry<{ path: string; width: number; height: number; limit: number }>({
    http: 413,
    exit: 65,
    text: (p) => `${p.path} has ${p.width} x ${p.height} pixels, more than the limit of ${p.limit} pixels.`,
    hint: () =>
      'Scale the picture down, or raise the limit with --max-pixels if it is meant to be that large.',
  }),
  IMAGE_NOT_FOUND: entry<{ path: string }>({
    http: 404,
    exit: 66,
    text: (p) => `There is no image or folder at ${p.path}.`,
    hint: () => 'Check the path.',
  }),
  IMAGE_NONE_IN_FOLDER: entry<{ path: string }>({
    http: 404,
    exit: 66,
    text: (p) => `There is no image in the folder ${p.path}.`,
    hint: () => 'Looked for PNG, JPEG, TIFF, BMP and WebP by file name, in the folders below too.',
  }),
  IMAGE_UNSUPPORTED: entry<{ path: string; reason: string }>({
    http: 422,
    exit: 65,
    text: (p) => `Cannot use ${p.path}: ${p.reason}.`,
    hint: () => 'Convert it to an 8- or 16-bit PNG or TIFF, grey or colour.',
  }),
  // datasets
  DATA_NOT_FOUND: entry<{ path: string }>({
    http: 404,
    exit: 66,
    text: (p) => `There is no folder at ${p.path}.`,
    hint: () =>
      'Give a folder of good images, or one in the MVTec AD layout. "assay data describe <folder>" shows what is understood.',
  }),
  DATA_NOT_UNDERSTOOD: entry<{ path: string; reason: string }>({
    http: 422,
    exit: 65,
    text: (p) => `Cannot tell the good images in ${p.path}: ${p.reason}.`,
    hint: () =>
      'Put good images into the folder itself, into good/, or into train/good/; one folder per product is fine too.',
  }),
  DATA_NO_GOOD_IMAGES: entry<{ path: string; product: string }>({
    http: 422,
    exit: 65,
    text: (p) => `Product "${p.product}" in ${p.path} has no readable good image to learn from.`,
    hint: () => 'Assay learns from good images only; add some under train/good/ or good/.',
  }),
  DATA_TOO_FEW_IMAGES: entry<{ path: string; product: string; found: number; needed: number }>({
    http: 422,
    exit: 65,
    text: (p) =>
      `Product "${p.product}" in ${p.path} has ${p.found} readable good image${p.found === 1 ? '' : 's'}; ${p.needed} are needed.`,
    hint: () =>
      'One or more are needed to learn and at least one more to set the threshold. Twenty or more are better.',
  }),
  DATA_NO_TEST_IMAGES: entry<{ path: string }>({
    http: 422,
    exit: 65,
    text: (p) => `${p.path} has no test images to evaluate on.`,
    hint: () =>
      'Put good ones under test/good/ and defects under test/<defect>/, with masks under ground_truth/<defect>/ where there are any.',
  }),
  DATA_MASK_MISMATCH: entry<{ path: string; image: string; reason: string }>({
    http: 422,
    exit: 65,
    text: (p) => `The mask ${p.path} does not fit its image ${p.image}: ${p.reason}.`,
    hint: () => 'A mask has the size of its image and is 0 outside the defect.',
  }),
  DATA_LIST_INVALID: entry<{ path: string; line: number | null; column: string | null; reason: string }>({
    http: 422,
    exit: 65,
    text: (p) =>
      `${p.path}${p.line === null ? '' : `, line ${p.line}`}${p.column === null ? '' : `, column "${p.column}"`}: ${p.reason}.`,
    hint: () => 'docs/datasets.md says what the lists beside images hold.',
  }),
  PRODUCT_UNKNOWN: entry<{ product: string; known: readonly string[]; suggestion: string | undefined }>({
    http: 404,
    exit: 64,
    text: (p) => `There is no product "${p.product}" here.`,
    hint: (p) =>
      `${p.suggestion === undefined ? '' : `Did you mean "${p.suggestion}"? `}Products: ${list(p.known)}.`,
  }),
  // recipe and command line
  OPTION_UNKNOWN: entry<{ option: string; suggestion: string | undefined }>({
    http: 400,
    exit: 64,
    text: (p) => `Unknown option "${p.option}".`,
    hint: (p) => (p.suggestion === undefined ? 'See --help.' : `Did you mean "${p.suggestion}"?`),
  }),
  OPTION_INVALID: entry<{ option: string; value: string; reason: string }>({
    http: 400,
    exit: 64,
    text: (p) => `"${p.value}" is not valid for ${p.option}: ${p.reason}.`,
    hint: () => 'See --help for what it takes.',
  }),
  COMMAND_UNKNOWN: entry<{ command: string; suggestion: string | undefined }>({
    http: 400,
    exit: 64,
    text: (p) => `Unknown command "${p.command}".`,
    hint: (p) => (p.suggestion === undefined ? 'See "assay --help".' : `Did you mean "${p.suggestion}"?`),
  }),
  USAGE: entry<{ reason: string }>({
    http: 400,
    exit: 64,
    text: (p) => `${p.reason}.`,
    hint: () => 'See --help.',
  }),
  RECIPE_KEY_UNKNOWN: entry<{ key: string; suggestion: string | undefined; known: readonly string[] }>({
    http: 400,
    exit: 78,
    text: (p) => `Unknown recipe key "${p.key}".`,
    hint: (p) =>
      p.suggestion === undefined ? `Keys here: ${list(p.known)}.` : `Did you mean "${p.suggestion}"?`,
  }),
  RECIPE_VALUE_INVALID: entry<{ key: string; reason: string }>({
    http: 400,
    exit: 78,
    text: (p) => `The recipe key "${p.key}" does not fit: ${p.reason}.`,
    hint: () => '"assay train --print-recipe" shows every key with its value.',
  }),
  RECIPE_UNREADABLE: entry<{ path: string; reason: string }>({
    http: 400,
    exit: 78,
    text: (p) => `Cannot read the recipe ${p.path}: ${p.reason}.`,
    hint: () => 'A recipe is a YAML file of keys and values.',
  }),
  BENCH_INVALID: entry<{ path: string; key: string; reason: string }>({
    http: 400,
    exit: 78,
    text: (p) => `${p.path} does not fit at "${p.key}": ${p.reason}.`,
    hint: () => 'docs/bench.md says what a bench file holds.',
  }),
  // weights and backbones
  BACKBONE_UNKNOWN: entry<{ backbone: string; known: readonly string[]; suggestion: string | undefined }>({
    http: 400,
    exit: 64,
    text: (p) => `There is no backbone "${p.backbone}".`,
    hint: (p) =>
      `${p.suggestion === undefined ? '' : `Did you mean "${p.suggestion}"? `}Backbones: ${list(p.known)}.`,
  }),
  TAP_UNKNOWN: entry<{ backbone: string; tap: string; taps: readonly string[] }>({
    http: 400,
    exit: 78,
    text: (p) => `Backbone "${p.backbone}" has no tap "${p.tap}".`,
    hint: (p) => `Taps: ${list(p.taps)}.`,
  }),
  WEIGHTS_UNREADABLE: entry<{ path: string; reason: string }>({
    http: 422,
    exit: 65,
    text: (p) => `Cannot read the weights ${p.path}: ${p.reason}.`,
    hint: () => 'The file is damaged or of another kind; get it again from its origin.',
  }),
  WEIGHTS_REFUSED: entry<{ path: string; asked: string }>({
    http: 422,
    exit: 65,
    text: (p) =>
      `${p.path} is refused: its pickle asks for "${p.asked}", and only tensors and plain containers are read.`,
    hint: () => 'Nothing was executed. Save the plain state_dict in PyTorch and use that file.',
  }),
  WEIGHTS_UNKNOWN: entry<{ weights: string; known: readonly string[]; suggestion: string | undefined }>({
    http: 404,
    exit: 64,
    text: (p) => `There are no published weights "${p.weights}" in the catalogue.`,
    hint: (p) =>
      `${p.suggestion === undefined ? '' : `Did you mean "${p.suggestion}"? `}Weights: ${list(p.known)}.`,
  }),
  WEIGHTS_MISSING: entry<{ weights: string; url: string; megabytes: number; licence: string }>({
    http: 404,
    exit: 66,
    text: (p) => `The weights "${p.weights}" are not on this machine.`,
    hint: (p) =>
      `Run "assay weights fetch ${p.weights}" (${p.megabytes} MB, ${p.licence}). Without internet here: download ${p.url} on another machine, bring the file over and run "assay weights add ${p.weights} <file>".`,
  }),
  WEIGHTS_DOWNLOAD_FAILED: entry<{ weights: string; url: string; reason: string }>({
    http: 502,
    exit: 69,
    text: (p) => `Cannot download the weights "${p.weights}": ${p.reason}.`,
    hint: (p) =>
      `The same command goes on where it stopped; behind a proxy set HTTPS_PROXY. Without internet here: download ${p.url} on another machine, bring the file over and run "assay weights add ${p.weights} <file>".`,
  }),
  WEIGHTS_SUM_DIFFERS: entry<{ weights: string; path: string; expected: string; found: string }>({
    http: 422,
    exit: 65,
    text: (p) =>
      `${p.path} is not the published file of "${p.weights}": its sha256 is ${p.found} instead of ${p.expected}.`,
    hint: (p) =>
      `It was damaged on the way or changed at its origin; it is not used. Get it again with "assay weights fetch ${p.weights}".`,
  }),
  WEIGHTS_UNSUITABLE: entry<{ path: string; wanted: string; reason: string }>({
    http: 422,
    exit: 65,
    text: (p) => `${p.path} does not hold ${p.wanted}: ${p.reason}.`,
    hint: () =>
      "Give the published file, one that the authors' own code saved, or a conversion that keeps its tensor names and shapes, and options that go with it.",
  }),
  CACHE_NOT_WRITABLE: entry<{ path: string; reason: string }>({
    http: 500,
    exit: 73,
    text: (p) => `Cannot write into the cache ${p.path}: ${p.reason}.`,
    hint: () => 'Make room, or choose another folder with the environment variable ASSAY_CACHE.',
  }),
  // models
  MODEL_NOT_FOUND: entry<{ path: string }>({
    http: 404,
    exit: 66,
    text: (p) => `There is no model file at ${p.path}.`,
    hint: () => 'Train one with "assay train <data> --out model.onnx".',
  }),
  MODEL_UNREADABLE: entry<{ path: string; reason: string }>({
    http: 422,
    exit: 65,
    text: (p) => `Cannot open the model ${p.path}: ${p.reason}.`,
    hint: () => 'The file is cut or damaged; copy it again or train anew.',
  }),
  MODEL_FOREIGN: entry<{ path: string }>({
    http: 422,
    exit: 65,
    text: (p) => `${p.path} is an ONNX file, but not an Assay model: it carries no card.`,
    hint: () => 'Use a file made by "assay train".',
  }),
  MODEL_TOO_NEW: entry<{ path: string; version: number; known: number }>({
    http: 422,
    exit: 65,
    text: (p) =>
      `${p.path} was written by a newer Assay (card version ${p.version}; this one knows ${p.known}).`,
    hint: () => 'Update Assay, or train the model with this version.',
  }),
  MODEL_SAMPLES_DIFFER: entry<{ path: string; worst: number; tolerance: number; provider: string }>({
    http: 422,
    exit: 69,
    text: (p) =>
      `${p.path} does not reproduce its sample vectors on ${p.provider}: largest relative difference ${p.worst}, allowed ${p.tolerance}.`,
    hint: () => 'Use another device (--device cpu), and report the pair of machine and driver.',
  }),
  MODEL_PARITY_FAILED: entry<{
    path: string
    provider: string
    images: number
    misrouted: number
    score: number
    map: number
    mask: number
    allowedScore: number
    allowedMap: number
    allowedMask: number
  }>({
    http: 422,
    exit: 69,
    text: (p) =>
      `The model for ${p.path} does not judge on ${p.provider} as on the CPU. Largest differences in ${p.images} images: score ${p.score} (allowed ${p.allowedScore}), map ${p.map} (${p.allowedMap}), mask ${p.mask} (${p.allowedMask}); taken for another product: ${p.misrouted}.`,
    hint: () =>
      'Nothing was written. Repeat the command with --resume and without this provider, and report the pair of machine and driver.',
  }),
  ZONES_UNREADABLE: entry<{ path: string; reason: string }>({
    http: 400,
    exit: 66,
    text: (p) => `Cannot read the zones ${p.path}: ${p.reason}.`,
    hint: () => 'Zones are a JSON file; docs/thresholds.md shows one.',
  }),
  ZONES_INVALID: entry<{ path: string; where: string; reason: string }>({
    http: 400,
    exit: 78,
    text: (p) => `${p.path} does not fit at ${p.where}: ${p.reason}.`,
    hint: () => 'docs/thresholds.md says what zones hold.',
  }),
  ZONE_EMPTY: entry<{ zone: string; path: string; width: number; height: number }>({
    http: 422,
    exit: 65,
    text: (p) => `The zone "${p.zone}" covers no pixel of ${p.path}, which has ${p.width} x ${p.height}.`,
    hint: () =>
      'Corners are in pixels of the picture unless the unit is "relative", and later zones lie over earlier ones.',
  }),
  // runtime
  EXPORT_VERDICTS_DIFFER: entry<{ path: string; precision: string; differing: number; images: number }>({
    http: 422,
    exit: 69,
    text: (p) =>
      `The ${p.precision} variant for ${p.path} gives another verdict than the float32 file in ${p.differing} of ${p.images} images.`,
    hint: () =>
      'Give good images that the model has not learned from with --calibration: the thresholds are then set again on them.',
  }),
  DEVICE_UNAVAILABLE: entry<{ device: string; reason: string; available: readonly string[] }>({
    http: 503,
    exit: 69,
    text: (p) => `The device "${p.device}" cannot be used: ${p.reason}.`,
    hint: (p) => `Devices of this build: ${list(p.available)}.`,
  }),
  RUN_FAILED: entry<{ what: string; reason: string }>({
    http: 500,
    exit: 70,
    text: (p) => `${p.what} failed in the runtime: ${p.reason}.`,
    hint: () =>
      'If memory ran out, use a smaller profile or --memory; otherwise report it with the model and the picture size.',
  }),
  SCORE_NOT_FINITE: entry<{ what: string; value: string }>({
    http: 500,
    exit: 70,
    text: (p) => `The score of ${p.what} is ${p.value}.`,
    hint: () =>
      'The model overflowed here; train it anew or use another device, and report it if it happens again.',
  }),
  TRAINING_DIVERGED: entry<{ step: number; loss: number }>({
    http: 500,
    exit: 70,
    text: (p) => `Training diverged at step ${p.step}: the loss is ${p.loss}.`,
    hint: () => 'Lower the learning rate in the recipe, or report it with the recipe.',
  }),
  // files
  OUTPUT_NOT_WRITABLE: entry<{ path: string; reason: string }>({
    http: 500,
    exit: 73,
    text: (p) => `Cannot write ${p.path}: ${p.reason}.`,
    hint: () => 'Choose another place with --out, or make room.',
  }),
  OUTPUT_EXISTS: entry<{ path: string }>({
    http: 409,
    exit: 73,
    text: (p) => `${p.path} exists already and is not Assay's to overwrite.`,
    hint: () => 'Choose another place or remove it first.',
  }),
  RESUME_NOTHING: entry<{ path: string }>({
    http: 409,
    exit: 66,
    text: (p) => `There is no interrupted training at ${p.path} to resume.`,
    hint: () => 'Leave out --resume to start anew.',
  }),
  RESUME_MISMATCH: entry<{ path: string; what: string }>({
    http: 409,
    exit: 65,
    text: (p) => `The interrupted training at ${p.path} used another ${p.what}.`,
    hint: () => 'Give the same data, recipe and seed, or leave out --resume to start anew.',
  }),
  STEP_INPUT_MISSING: entry<{ path: string; step: string }>({
    http: 404,
    exit: 66,
    text: (p) => `There is nothing at ${p.path} to go on with.`,
    hint: (p) => `Run "assay step ${p.step}" first, or name the folder that holds it.`,
  }),
  STEP_MISMATCH: entry<{ path: string; what: string }>({
    http: 409,
    exit: 65,
    text: (p) => `What lies at ${p.path} was made with another ${p.what}.`,
    hint: () => 'Choose another folder, or make it anew with --force.',
  }),
  INTERRUPTED: entry<{ what: string }>({
    http: 499,
    exit: 130,
    text: (p) => `${p.what} was stopped.`,
    hint: () => 'Training goes on where it stopped with --resume.',
  }),
  METHOD_UNAVAILABLE: entry<{ method: string; reason: string; known: readonly string[] }>({
    http: 400,
    exit: 64,
    text: (p) => `The method "${p.method}" cannot be used: ${p.reason}.`,
    hint: (p) => `Methods: ${list(p.known)}.`,
  }),
  // the studio's processes
  STUDIO_BUSY: entry<{ what: string; seconds: number }>({
    http: 429,
    exit: 69,
    text: (p) => `Too much at once: ${p.what}.`,
    hint: (p) => `Nothing was done. Try again in ${p.seconds} s or later.`,
  }),
  STUDIO_STOPPING: entry<object>({
    http: 503,
    exit: 69,
    text: () => 'The studio is being stopped.',
    hint: () => 'Try again when it runs.',
  }),
  TASK_CRASHED: entry<{ what: string; how: string }>({
    http: 500,
    exit: 70,
    text: (p) => `The process of ${p.what} broke down: ${p.how}.`,
    hint: () => 'Try it again. If it happens again with the same file, that file or model is the reason.',
  }),
  TASK_OUT_OF_MEMORY: entry<{ what: string }>({
    http: 507,
    exit: 70,
    text: (p) => `The process of ${p.what} was killed, most likely because memory ran out.`,
    hint: () => 'Run fewer at the same time, choose a smaller profile, or give the machine more memory.',
  }),
  TASK_SILENT: entry<{ what: string; seconds: number }>({
    http: 504,
    exit: 70,
    text: (p) => `There was no sign of life from ${p.what} for ${p.seconds} seconds, so it was ended.`,
    hint: () => 'Try it again; a machine that is overloaded or swaps can be the reason.',
  }),
  JOB_BUDGET_SPENT: entry<{ minutes: number }>({
    http: 409,
    exit: 75,
    text: (p) => `The budget of ${p.minutes} minutes is spent.`,
    hint: () => 'Begin it again: it goes on from where it was, with as much time again.',
  }),
  JOB_GAVE_UP: entry<{ attempts: number }>({
    http: 500,
    exit: 70,
    text: (p) => `The workers of this job went away ${p.attempts} times before it was done.`,
    hint: () => 'See the log of the server for why; then begin it again.',
  }),
  // the studio
  DATABASE_UNREACHABLE: entry<{ address: string; reason: string }>({
    http: 503,
    exit: 69,
    text: (p) => `Cannot use the database at ${p.address}: ${p.reason}.`,
    hint: () => 'Check DATABASE_URL, and that Postgres 15 or newer runs there and lets this machine in.',
  }),
  FOLDER_IN_USE: entry<{ path: string; pid: number }>({
    http: 409,
    exit: 73,
    text: (p) => `The data folder ${p.path} is in use by process ${p.pid}.`,
    hint: () =>
      'Stop that studio first, or give another folder with --data. For several servers set DATABASE_URL.',
  }),
  ADDRESS_IN_USE: entry<{ address: string; reason: string }>({
    http: 409,
    exit: 69,
    text: (p) => `Cannot listen at ${p.address}: ${p.reason}.`,
    hint: () => 'Give another port with --port; 0 takes a free one.',
  }),
  STORE_UNREACHABLE: entry<{ address: string; reason: string }>({
    http: 503,
    exit: 69,
    text: (p) => `Cannot use the object store at ${p.address}: ${p.reason}.`,
    hint: () => 'Check ASSAY_S3_URL and the keys beside it.',
  }),
  BACKUP_UNREADABLE: entry<{ path: string; reason: string }>({
    http: 422,
    exit: 65,
    text: (p) => `Cannot restore ${p.path}: ${p.reason}.`,
    hint: () => 'Give a file that "assay studio backup" wrote, whole; nothing was changed.',
  }),
  RESTORE_NOT_EMPTY: entry<{ place: string }>({
    http: 409,
    exit: 73,
    text: (p) => `There is a studio at ${p.place} already.`,
    hint: () => 'Restore into a new folder or an empty database.',
  }),
  REQUEST_INVALID: entry<{ where: string; reason: string }>({
    http: 400,
    exit: 65,
    text: (p) => `The request cannot be understood at ${p.where}: ${p.reason}.`,
    hint: () => 'The routes and their messages are in /api/v1/openapi.json.',
  }),
  ROUTE_UNKNOWN: entry<{ method: string; path: string }>({
    http: 404,
    exit: 66,
    text: (p) => `There is no ${p.method} ${p.path}.`,
    hint: () => 'The routes are in /api/v1/openapi.json.',
  }),
  TOKEN_INVALID: entry<object>({
    http: 401,
    exit: 69,
    text: () => 'The request has no valid token or session.',
    hint: () => 'Sign in, or send a token as "Authorization: Bearer ..."; it may have expired or been ended.',
  }),
  ROLE_TOO_LOW: entry<{ role: string; needed: string }>({
    http: 403,
    exit: 69,
    text: (p) => `This needs the role ${p.needed}; yours is ${p.role}.`,
    hint: () => 'An admin can make a token with that role.',
  }),
  REQUEST_FOREIGN: entry<{ reason: string }>({
    http: 403,
    exit: 69,
    text: (p) => `The request was refused because it may come from another site: ${p.reason}.`,
    hint: () => 'Use the page of this studio, or a token in place of the cookie.',
  }),
  NOT_FOUND: entry<{ what: string; id: string }>({
    http: 404,
    exit: 66,
    text: (p) => `There is no ${p.what} ${p.id}.`,
    hint: () => 'It may have been deleted.',
  }),
  CONFLICT: entry<{ reason: string; hint: string }>({
    http: 409,
    exit: 65,
    text: (p) => `This cannot be done now: ${p.reason}.`,
    hint: (p) => p.hint,
  }),
  NO_MODEL: entry<{ product: string }>({
    http: 409,
    exit: 66,
    text: (p) => `The product "${p.product}" has no model yet.`,
    hint: () => 'Train one, or add a model file.',
  }),
  UPLOAD_TOO_LARGE: entry<{ name: string; limit: string }>({
    http: 413,
    exit: 65,
    text: (p) => `${p.name} is larger than ${p.limit}.`,
    hint: () => 'Send less at once; the limits are those the server was started with.',
  }),
  UPLOAD_TOO_SLOW: entry<{ limit: number }>({
    http: 408,
    exit: 69,
    text: (p) => `The upload came at less than ${p.limit} bytes a second and was cut off.`,
    hint: () => 'Try again over a better connection.',
  }),
  KEY_REUSED: entry<{ key: string }>({
    http: 422,
    exit: 65,
    text: (p) => `The idempotency key ${p.key} was used for another request.`,
    hint: () => 'Use a new key for each new request, the same only to repeat one.',
  }),
  KEY_RUNNING: entry<{ key: string }>({
    http: 409,
    exit: 69,
    text: (p) => `The first request with the idempotency key ${p.key} still runs.`,
    hint: () => 'Ask again in a moment.',
  }),
  FOLDER_OUTSIDE: entry<{ path: string }>({
    http: 403,
    exit: 65,
    text: (p) => `The folder ${p.path} is not below one that may be watched.`,
    hint: () => 'Start the studio with --watch-root and a folder above it.',
  }),
  INTERNAL: entry<{ request: string }>({
    http: 500,
    exit: 70,
    text: (p) => `Something went wrong in the studio (request ${p.request}).`,
    hint: () => 'The log of the server says more under that number.',
  }),
} as const

export type ErrorCode = keyof typeof errorTable
export type ErrorParams<C extends ErrorCode> = Parameters<(typeof errorTable)[C]['text']>[0]

/** A failure that a user can do something about. `message` is what is wrong, `hint` what to do. */
export class AssayError<C extends ErrorCode = ErrorCode> extends Error {
  override readonly name: string = 'AssayError'
  readonly code: C
  readonly hint: string
  readonly params: ErrorParams<C>

  constructor(code: C, params: ErrorParams<C>, options: { readonly cause?: unknown } = {}) {
    // The table pairs each code with its own parameter type; the union of entries loses that pairing here.
    const e = errorTable[code] as unknown as ErrorEntry<ErrorParams<C>>
    super(e.text(params), options)
    this.code = code
    this.params = params
    this.hint = e.hint(params)
  }

  get exit(): number {
    return errorTable[this.code].exit
  }

  get http(): number {
    return errorTable[this.code].http
  }
}

/** The reason of a foreign error in one line, for the `reason` of ours. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return text.split('\n', 1)[0]?.replace(/[.\s]+$/, '') ?? ''
}
