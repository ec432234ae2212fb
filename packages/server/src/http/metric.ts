/** Prometheus metrics: of the process, of requests, of inspections and of what waits. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'

export interface Metrics {
  readonly registry: Registry
  request(route: string, status: number, seconds: number): void
  inspection(verdict: string): void
  refused(code: string): void
}

export interface MetricSources {
  /** How many jobs have each status. */
  readonly jobs: () => Promise<Readonly<Record<string, number>>>
  readonly uploads: () => number
}

export function createMetrics({ jobs, uploads }: MetricSources): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const requests = new Histogram({
    name: 'assay_request_seconds',
    help: 'Time from a request to its answer',
    labelNames: ['route', 'status'],
    buckets: [0.005, 0.02, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120],
    registers,
  })
  const inspections = new Counter({
    name: 'assay_inspections_total',
    help: 'Pictures judged for a request',
    labelNames: ['verdict'],
    registers,
  })
  const refusals = new Counter({
    name: 'assay_refused_total',
    help: 'Requests that were refused',
    labelNames: ['code'],
    registers,
  })
  const running = new Gauge({
    name: 'assay_uploads',
    help: 'Requests with files that run now',
    registers: [],
    collect() {
      this.set(uploads())
    },
  })
  const queued = new Gauge({
    name: 'assay_jobs',
    help: 'Jobs by status',
    labelNames: ['status'],
    registers: [],
    async collect() {
      this.reset()
      for (const [status, count] of Object.entries(await jobs())) this.set({ status }, count)
    },
  })
  registry.registerMetric(running)
  registry.registerMetric(queued)
  return {
    registry,
    request: (route, status, seconds) => requests.observe({ route, status }, seconds),
    inspection: (verdict) => inspections.inc({ verdict }),
    refused: (code) => refusals.inc({ code }),
  }
}
