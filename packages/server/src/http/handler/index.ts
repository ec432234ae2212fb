/** A handler for every route of the table. */
import type { Services } from '../../services.ts'
import type { Handlers } from '../call.ts'
import { createAccessHandlers } from './access.ts'
import { createImageHandlers } from './image.ts'
import { createInspectionHandlers } from './inspection.ts'
import { createJobHandlers } from './job.ts'
import { createLineHandlers } from './line.ts'
import { createModelHandlers } from './model.ts'
import { createProductHandlers } from './product.ts'
import type { HandlerTools } from './tool.ts'

export function createHandlers(services: Services, tools: HandlerTools): Handlers {
  return {
    ...createAccessHandlers(services),
    ...createProductHandlers(services),
    ...createImageHandlers(services, tools),
    ...createJobHandlers(services),
    ...createModelHandlers(services, tools),
    ...createInspectionHandlers(services, tools),
    ...createLineHandlers(services),
  }
}
