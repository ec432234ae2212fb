/**
 * The HTTP server: every route of the table with what holds for all of them: who asks, what may come in, what goes
 * out, what is written down. Handlers only do their work.
 */
import { AssayError } from '@assay/contract'
import { routes, type Route, type RouteName } from '@assay/contract/api'
import cookie from '@fastify/cookie'
import multipart from '@fastify/multipart'
import rateLimit from '@fastify/rate-limit'
import createFastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { uuidv7 } from 'uuidv7'
import { toProblem } from '../problem.ts'
import type { Services } from '../services.ts'
import { drain } from './drain.ts'
import { createHandlers } from './handler/index.ts'
import { setHeaders } from './header.ts'
import { createMetrics } from './metric.ts'
import { apiPath, createOpenApi } from './openapi.ts'
import { addPage } from './page.ts'
import { problemType, toAssayError } from './problem.ts'
import { createResponder, type Responder } from './respond.ts'
import { identify, isLocal, requireOwnPage, requireRole, thisMachine } from './identity.ts'

export interface AppOptions {
  /** Folder of the built page; null: there is none. */
  readonly page?: string | null
  /** With which a process of this machine that can read the data folder may make a backup. */
  readonly backupKey?: string
  readonly newId?: () => string
}

export async function createApp(services: Services, options: AppOptions = {}): Promise<FastifyInstance> {
  const { config, log, stores, database } = services
  const { page = null, backupKey, newId = uuidv7 } = options
  const { patienceMs } = config.limits
  const app = createFastify({
    logger: false,
    trustProxy: config.trustProxy,
    bodyLimit: mostJsonBytes,
    genReqId: () => newId(),
    forceCloseConnections: 'idle',
    // A body of any size may take long; slow ones are cut off by their rate.
    requestTimeout: 0,
    keepAliveTimeout: 30_000,
    connectionTimeout: 0,
    http: { headersTimeout: patienceMs, connectionsCheckingInterval: Math.min(5000, patienceMs) },
    routerOptions: { maxParamLength: 100, ignoreTrailingSlash: false },
    onProtoPoisoning: 'error',
    onConstructorPoisoning: 'error',
    frameworkErrors: (error, request, reply) => void fail(error, request, reply as FastifyReply),
  })
  app.server.maxConnections = mostConnections
  const stopping = new AbortController()
  const metrics = createMetrics({ jobs: () => stores.job.count(), uploads: () => responder.uploads() })

  const fail = async (
    error: unknown,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<FastifyReply> => {
    const known = toAssayError(error)
    if (known === null) log.error('a request failed', { request: request.id, url: request.url, error })
    const shown = known ?? new AssayError('INTERNAL', { request: request.id })
    metrics.refused(shown.code)
    setHeaders(reply, 'data')
    if (shown.http === 429 && !reply.hasHeader('retry-after')) reply.header('retry-after', waitOf(shown))
    if (shown.http === 429) await drain(request.raw)
    // Whoever still sends a body that nobody reads is let go.
    if (!request.raw.complete) reply.header('connection', 'close')
    return reply.code(shown.http).type(problemType).send(toProblem(shown, request.id))
  }
  app.setErrorHandler(fail)
  app.setNotFoundHandler((request, reply) =>
    fail(new AssayError('ROUTE_UNKNOWN', { method: request.method, path: pathOf(request) }), request, reply),
  )

  app.decorateRequest('who', null)
  app.decorateRequest('rate', null)
  await app.register(cookie)
  await app.register(multipart, { throwFileSizeLimit: false })
  await app.register(rateLimit, {
    global: false,
    errorResponseBuilder: (_, { ttl }) =>
      new AssayError('STUDIO_BUSY', { what: 'tries to sign in', seconds: Math.ceil(ttl / 1000) }),
  })
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none'
    metrics.request(`${request.method} ${route}`, reply.statusCode, reply.elapsedTime / 1000)
  })
  // Event streams end first: the rest of the requests may finish.
  app.addHook('preClose', async () => {
    stopping.abort()
    // A connection that has its answer would be kept for the next request, and the stop would wait for it.
    const timer = setInterval(() => app.server.closeIdleConnections(), 50)
    app.server.once('close', () => clearInterval(timer))
  })

  const handlers = createHandlers(services, { metrics, newId })
  const responder: Responder = createResponder(services, { stopping: stopping.signal, newId })
  for (const name of Object.keys(routes) as RouteName[]) {
    const route: Route = routes[name]
    app.route({
      method: route.method,
      url: apiPath + route.path,
      ...(name === 'openSession'
        ? { config: { rateLimit: { max: config.limits.signIns, timeWindow: 60_000 } } }
        : {}),
      onRequest: async (request, reply) => {
        setHeaders(reply, 'data')
        const isLocalBackup = name === 'backup' && isLocal(request, backupKey)
        const who = isLocalBackup ? thisMachine : await identify(request, stores.access)
        // Who signs in anew has no secret yet, or that of a session that may have ended.
        requireOwnPage(request, route.role === null ? null : who)
        requireRole(who, route.role)
        request.who = who
        responder.guard(request, reply, route)
      },
      // The table pairs each name with its handler; the union of routes loses that pairing here.
      handler: (request, reply) => responder.respond(name, handlers[name] as never, request, reply),
    })
  }

  app.get('/health', async (_request, reply) => {
    setHeaders(reply, 'data')
    await database.executeSql('select 1')
    return { status: 'ok', version: config.version }
  })
  app.get('/metrics', async (request, reply) => {
    setHeaders(reply, 'data')
    requireRole(await identify(request, stores.access), 'operator')
    return reply.type(metrics.registry.contentType).send(await metrics.registry.metrics())
  })
  const openApi = createOpenApi(config.version)
  app.get(`${apiPath}/openapi.json`, async (_request, reply) => {
    setHeaders(reply, 'data')
    return openApi
  })
  await addPage(app, page)
  return app
}

const mostJsonBytes = 2 ** 20
const mostConnections = 2000

/** Seconds after which it is worth another try. */
function waitOf({ params }: AssayError): string {
  return 'seconds' in params ? String(Math.max(1, Math.ceil(params.seconds))) : '1'
}

/** Without the query, and not endless. */
function pathOf({ url }: FastifyRequest): string {
  return (url.split('?', 1)[0] ?? '').slice(0, 200)
}
