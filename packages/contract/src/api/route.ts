/**
 * Every route of the API in one table: the server handles exactly these, the OpenAPI page lists them, and the
 * client of the page calls them, all typed by it.
 */
import { z } from 'zod'
import {
  auditQuerySchema,
  auditSchema,
  sessionCreateSchema,
  sessionSchema,
  tokenCreatedSchema,
  tokenCreateSchema,
  tokenSchema,
  type Role,
} from './access.ts'
import { idSchema, pageOf } from './common.ts'
import { imageQuerySchema, imageSchema, imagesPatchSchema, uploadResultSchema } from './image.ts'
import {
  apiInspectionSchema,
  decisionRequestSchema,
  driftSchema,
  inspectionQuerySchema,
} from './inspection.ts'
import { jobLineSchema, jobQuerySchema, jobRequestSchema, jobSchema } from './job.ts'
import { hookCreateSchema, hookSchema, targetSchema, watchCreateSchema, watchSchema } from './line.ts'
import { apiEvaluationSchema, modelDetailSchema, modelSchema, thresholdSchema } from './model.ts'
import {
  findingSchema,
  productCreateSchema,
  productPatchSchema,
  productSchema,
  understandingSchema,
} from './product.ts'

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** What a route answers when all is well. */
export type Reply =
  | { readonly kind: 'json'; readonly schema: z.ZodType }
  /** Bytes of one of these media types. */
  | { readonly kind: 'bytes'; readonly types: readonly string[] }
  /** Server-sent events. */
  | { readonly kind: 'events' }
  | { readonly kind: 'empty' }

/** What the body of a request is. */
export type Body =
  | { readonly kind: 'json'; readonly schema: z.ZodType }
  /** multipart/form-data with files. */
  | { readonly kind: 'files'; readonly most: 'one' | 'many' }
  | { readonly kind: 'empty' }

export interface Route {
  readonly method: Method
  /** Below /api/v1, as Fastify writes it; each parameter is an id. */
  readonly path: string
  readonly summary: string
  /** The least role; null: anybody. */
  readonly role: Role | null
  readonly query: z.ZodType | null
  readonly body: Body
  readonly reply: Reply
}

const json = <T extends z.ZodType>(schema: T) => ({ kind: 'json', schema }) as const
const list = <T extends z.ZodType>(item: T) => json(z.strictObject({ items: z.array(item) }))
const page = <T extends z.ZodType>(item: T) => json(pageOf(item))
const bytes = (...types: readonly string[]) => ({ kind: 'bytes', types }) as const
const none = { kind: 'empty' } as const
const events = { kind: 'events' } as const
const files = (most: 'one' | 'many') => ({ kind: 'files', most }) as const

const get = <
  R extends Role | null,
  const P extends string,
  const A extends Reply,
  Q extends z.ZodType | null = null,
>(
  role: R,
  path: P,
  summary: string,
  reply: A,
  query: Q = null as Q,
) => ({ method: 'GET', path, summary, role, query, body: none, reply }) as const

const send = <
  const M extends Method,
  R extends Role | null,
  const P extends string,
  const B extends Body,
  const A extends Reply,
>(
  method: M,
  role: R,
  path: P,
  summary: string,
  body: B,
  reply: A,
) => ({ method, path, summary, role, query: null, body, reply }) as const

const picture = bytes('image/png', 'image/jpeg', 'image/webp', 'image/tiff', 'image/bmp')

export const routes = {
  // access
  openSession: send(
    'POST',
    null,
    '/session',
    'Signs in with a token; sets the cookie',
    json(sessionCreateSchema),
    json(sessionSchema),
  ),
  readSession: get(
    'operator',
    '/session',
    'Who is signed in',
    json(
      sessionSchema.omit({ csrf: true, expiresAt: true }).extend({
        csrf: sessionSchema.shape.csrf.nullable(),
        expiresAt: sessionSchema.shape.expiresAt.nullable(),
      }),
    ),
  ),
  closeSession: send('DELETE', 'operator', '/session', 'Signs out', none, none),
  listTokens: get('admin', '/tokens', 'All tokens, without what they are', list(tokenSchema)),
  createToken: send(
    'POST',
    'admin',
    '/tokens',
    'Makes a token; the only answer that shows it',
    json(tokenCreateSchema),
    json(tokenCreatedSchema),
  ),
  revokeToken: send('DELETE', 'admin', '/tokens/:token', 'Ends a token and its sessions', none, none),
  listAudit: get(
    'admin',
    '/audit',
    'What was changed, when and by whom',
    page(auditSchema),
    auditQuerySchema,
  ),
  backup: get(
    'admin',
    '/backup',
    'Everything in one archive, for "assay studio restore"',
    bytes('application/x-tar'),
  ),

  // products
  listProducts: get('operator', '/products', 'All products', list(productSchema)),
  createProduct: send(
    'POST',
    'engineer',
    '/products',
    'A new product',
    json(productCreateSchema),
    json(productSchema),
  ),
  readProduct: get('operator', '/products/:product', 'One product', json(productSchema)),
  changeProduct: send(
    'PATCH',
    'engineer',
    '/products/:product',
    'Name, zones, shadow model',
    json(productPatchSchema),
    json(productSchema),
  ),
  deleteProduct: send(
    'DELETE',
    'admin',
    '/products/:product',
    'Deletes a product with all that belongs to it',
    none,
    none,
  ),
  understandProduct: get(
    'operator',
    '/products/:product/understanding',
    'What a training would make of its pictures',
    json(understandingSchema),
  ),
  examineProduct: get(
    'engineer',
    '/products/:product/findings',
    'The doctor of the training set',
    list(findingSchema),
  ),

  // pictures
  listImages: get(
    'operator',
    '/products/:product/images',
    'Pictures of a product',
    page(imageSchema),
    imageQuerySchema,
  ),
  uploadImages: send(
    'POST',
    'engineer',
    '/products/:product/images',
    'Adds pictures',
    files('many'),
    json(uploadResultSchema),
  ),
  changeImages: send(
    'PATCH',
    'engineer',
    '/products/:product/images',
    'Moves, deletes or restores pictures',
    json(imagesPatchSchema),
    list(imageSchema),
  ),
  readImage: get('operator', '/images/:image', 'One picture', json(imageSchema)),
  readImageFile: get('operator', '/images/:image/file', 'The file as it came', picture),
  readImageThumbnail: get(
    'operator',
    '/images/:image/thumbnail',
    'A small JPEG or WebP of it',
    bytes('image/webp'),
  ),
  writeImageMask: send(
    'PUT',
    'engineer',
    '/images/:image/mask',
    'Where its defect is: a picture of the same size, 0 outside',
    files('one'),
    json(imageSchema),
  ),

  // jobs
  listJobs: get('operator', '/jobs', 'Jobs', page(jobSchema), jobQuerySchema),
  createJob: send(
    'POST',
    'engineer',
    '/jobs',
    'Queues a training, evaluation, calibration or a batch of inspections',
    json(jobRequestSchema),
    json(jobSchema),
  ),
  readJob: get('operator', '/jobs/:job', 'One job', json(jobSchema)),
  readJobLog: get('operator', '/jobs/:job/log', 'All lines of its log', list(jobLineSchema)),
  watchJob: get(
    'operator',
    '/jobs/:job/events',
    'Server-sent events: `job` when it changes, `log` for each line',
    events,
  ),
  watchJobs: get('operator', '/events', 'Server-sent events of all jobs: `job` when one changes', events),
  cancelJob: send(
    'POST',
    'engineer',
    '/jobs/:job/cancel',
    'Cancels a job that has not ended',
    none,
    json(jobSchema),
  ),
  retryJob: send(
    'POST',
    'engineer',
    '/jobs/:job/retry',
    'Begins a failed or cancelled job again, from where it was',
    none,
    json(jobSchema),
  ),

  // models
  listModels: get('operator', '/products/:product/models', 'Versions, newest first', list(modelSchema)),
  uploadModel: send(
    'POST',
    'engineer',
    '/products/:product/models',
    'Adds a model file that Assay made elsewhere',
    files('one'),
    json(modelSchema),
  ),
  readModel: get('operator', '/models/:model', 'One model with its card', json(modelDetailSchema)),
  readModelFile: get('operator', '/models/:model/file', 'The model file', bytes('application/octet-stream')),
  activateModel: send(
    'POST',
    'engineer',
    '/models/:model/activate',
    'Judges from now on what is submitted',
    none,
    json(modelSchema),
  ),
  rollBack: send(
    'POST',
    'engineer',
    '/products/:product/roll-back',
    'Activates the model that was active before',
    none,
    json(modelSchema),
  ),
  setThreshold: send(
    'POST',
    'engineer',
    '/models/:model/threshold',
    'A version with another threshold',
    json(thresholdSchema),
    json(modelSchema),
  ),
  readEvaluation: get(
    'operator',
    '/models/:model/evaluation',
    'Its last evaluation: metrics, curves, a score per picture',
    json(apiEvaluationSchema),
  ),

  // inspections
  inspect: send(
    'POST',
    'operator',
    '/products/:product/inspections',
    'Judges one picture and keeps the record',
    files('one'),
    json(apiInspectionSchema),
  ),
  listInspections: get(
    'operator',
    '/inspections',
    'Searches the records',
    page(apiInspectionSchema),
    inspectionQuerySchema,
  ),
  exportInspections: get(
    'operator',
    '/inspections/export',
    'The same as a file',
    bytes('text/csv', 'application/json', 'text/html'),
    inspectionQuerySchema
      .omit({ cursor: true, limit: true })
      .extend({ format: z.enum(['csv', 'json', 'html']) }),
  ),
  readInspection: get('operator', '/inspections/:inspection', 'One record', json(apiInspectionSchema)),
  readInspectionPicture: get(
    'operator',
    '/inspections/:inspection/picture',
    'The picture as it came',
    picture,
  ),
  readInspectionView: get(
    'operator',
    '/inspections/:inspection/view',
    'The picture for a screen, at most 1600 pixels wide or high',
    bytes('image/webp'),
  ),
  readInspectionMap: get(
    'operator',
    '/inspections/:inspection/map',
    'Raw scores per pixel: TIFF, or a PNG of calibrated ones',
    bytes('image/tiff', 'image/png'),
    z.strictObject({ format: z.enum(['tiff', 'png']).default('png') }),
  ),
  readInspectionMask: get(
    'operator',
    '/inspections/:inspection/mask',
    'PNG, 255 where a defect is',
    bytes('image/png'),
  ),
  decide: send(
    'PUT',
    'operator',
    '/inspections/:inspection/decision',
    "A human's verdict; the model's stays",
    json(decisionRequestSchema),
    json(apiInspectionSchema),
  ),
  undoDecision: send(
    'DELETE',
    'operator',
    '/inspections/:inspection/decision',
    'Takes it back, and the picture out of the material',
    none,
    json(apiInspectionSchema),
  ),
  readDrift: get('operator', '/products/:product/drift', 'Scores over time', json(driftSchema)),

  // line
  listTargets: get(
    'engineer',
    '/targets',
    'Where messages can go, as the server was configured',
    list(targetSchema),
  ),
  listHooks: get('engineer', '/hooks', 'Messages about inspections', list(hookSchema)),
  createHook: send(
    'POST',
    'admin',
    '/hooks',
    'Sends a message about inspections of a product',
    json(hookCreateSchema),
    json(hookSchema),
  ),
  deleteHook: send('DELETE', 'admin', '/hooks/:hook', 'Stops it', none, none),
  listWatches: get('engineer', '/watches', 'Watched folders', list(watchSchema)),
  createWatch: send(
    'POST',
    'admin',
    '/watches',
    'Inspects whatever appears in a folder',
    json(watchCreateSchema),
    json(watchSchema),
  ),
  deleteWatch: send('DELETE', 'admin', '/watches/:watch', 'Stops it', none, none),
} as const satisfies Record<string, Route>

export type Routes = typeof routes
export type RouteName = keyof Routes

/** Names of the parameters in a path. */
export type PathParams<P extends string> = P extends `${string}:${infer N}/${infer Rest}`
  ? { readonly [K in N]: string } & PathParams<Rest>
  : P extends `${string}:${infer N}`
    ? { readonly [K in N]: string }
    : unknown

/** Every parameter of a path. */
export const paramSchema = idSchema
