/** OpenAPI 3.1 of the API, made of the table of routes. */
import { problemSchema, routes, type Route } from '@assay/contract/api'
import { z } from 'zod'

export const apiPath = '/api/v1'

type Json = Readonly<Record<string, unknown>>

export function createOpenApi(version: string): Json {
  const paths: Record<string, Record<string, Json>> = {}
  for (const [name, route] of Object.entries(routes)) {
    const path = apiPath + route.path.replaceAll(/:(\w+)/g, '{$1}')
    paths[path] ??= {}
    paths[path][route.method.toLowerCase()] = operationOf(name, route)
  }
  return {
    openapi: '3.1.0',
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    info: {
      title: 'Assay Studio',
      version,
      description:
        'Collect pictures, train, decide the threshold, inspect, review. A POST may carry an Idempotency-Key: ' +
        'repeated with the same key it gets the same answer and does nothing twice.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    security: [{ token: [] }, { session: [] }],
    paths,
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'assay',
          description: 'what changes something also needs the header x-assay-csrf',
        },
      },
      schemas: { Problem: toSchema(problemSchema, 'output') },
    },
  }
}

function operationOf(name: string, { method, path, summary, role, query, body, reply }: Route): Json {
  const parameters = [
    ...[...path.matchAll(/:(\w+)/g)].map(([, param]) => ({
      name: param,
      in: 'path',
      required: true,
      schema: { type: 'string', format: 'uuid' },
    })),
    ...(query === null ? [] : queryParameters(query)),
    ...(method === 'POST'
      ? [
          {
            name: 'Idempotency-Key',
            in: 'header',
            required: false,
            schema: { type: 'string', maxLength: 200 },
          },
        ]
      : []),
  ]
  return {
    operationId: name,
    summary,
    description: role === null ? 'For anybody.' : `For the role ${role} and above.`,
    ...(role === null ? { security: [] } : {}),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...requestOf(body),
    responses: {
      ...replyOf(reply),
      default: {
        description: 'What is wrong and what to do',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  }
}

function queryParameters(query: z.ZodType): Json[] {
  const { properties = {}, required = [] } = toSchema(query, 'input') as {
    properties?: Record<string, Json>
    required?: string[]
  }
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }))
}

function requestOf(body: Route['body']): Json {
  switch (body.kind) {
    case 'empty':
      return {}
    case 'json':
      return {
        requestBody: {
          required: true,
          content: { 'application/json': { schema: toSchema(body.schema, 'input') } },
        },
      }
    case 'files': {
      const file = { type: 'string', contentMediaType: 'application/octet-stream' }
      const files = body.most === 'one' ? file : { type: 'array', items: file }
      return {
        requestBody: {
          required: true,
          content: {
            'multipart/form-data': {
              schema: { type: 'object', required: ['file'], properties: { file: files } },
            },
          },
        },
      }
    }
    default:
      return body satisfies never
  }
}

function replyOf(reply: Route['reply']): Json {
  const answer = (types: readonly string[], schema: Json): Json => ({
    200: { description: 'Done', content: Object.fromEntries(types.map((type) => [type, { schema }])) },
  })
  switch (reply.kind) {
    case 'json':
      return answer(['application/json'], toSchema(reply.schema, 'output'))
    case 'bytes':
      return answer(reply.types, { type: 'string', contentMediaType: 'application/octet-stream' })
    case 'events':
      return answer(['text/event-stream'], { type: 'string' })
    case 'empty':
      return { 204: { description: 'Done' } }
    default:
      return reply satisfies never
  }
}

function toSchema(schema: z.ZodType, io: 'input' | 'output'): Json {
  // A preprocessed value may be anything before; OpenAPI says what it has to be after.
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' })
  return rest
}
