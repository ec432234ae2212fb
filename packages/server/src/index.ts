/** The studio's service. */
export { writeBackup, restoreBackup, type Restored } from './backup/index.ts'
export { openBlobs } from './blob/index.ts'
export { createConfig, type Config, type ConfigOptions, type Target } from './config.ts'
export { openDatabase } from './database/index.ts'
export { createLog, type Log } from './log.ts'
export { startRemoteWorker } from './remote-worker.ts'
export { runningName, startStudio, type Studio, type StudioOptions } from './studio.ts'
export { parseTargets } from './target.ts'
