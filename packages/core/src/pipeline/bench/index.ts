/** Many runs: what to run, and the queue they wait in. */
export {
  planBench,
  planModelJob,
  type BenchJob,
  type JobOptions,
  type ModelJob,
  type StepsJob,
} from './job.ts'
export { planExperiment, type ExperimentPlan, type ExperimentRequest } from './experiment.ts'
export {
  JobFault,
  runJobs,
  toFailure,
  type JobFailure,
  type JobProgress,
  type QueueEvent,
  type RunJobOptions,
} from './queue.ts'
export { peakMemoryMb, toRows, type RunCost } from './measure.ts'
export { runPublishedSteps } from './published-steps.ts'
