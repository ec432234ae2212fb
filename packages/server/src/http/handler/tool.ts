/** What handlers share beside the services. */
import type { Metrics } from '../metric.ts'

export interface HandlerTools {
  readonly metrics: Metrics
  readonly newId: () => string
}
