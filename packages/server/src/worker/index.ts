/** Whoever does the long work. */
export { startWorker } from './worker.ts'
