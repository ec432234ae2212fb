/** The messages of the HTTP API, and the table of its routes. */
export * from './access.ts'
export * from './common.ts'
export * from './image.ts'
export * from './inspection.ts'
export * from './job.ts'
export * from './line.ts'
export * from './model.ts'
export * from './product.ts'
export {
  paramSchema,
  routes,
  type Body,
  type PathParams,
  type Reply,
  type Route,
  type RouteName,
  type Routes,
} from './route.ts'
