/**
 * Metrics as single papers compute them, under names of their own: for repeating published tables, never
 * for comparing methods. What each does differently from ours is in its file.
 */
export { createCrasAupro, type CrasAuproAccumulator } from './cras-aupro.ts'
export { inpFormerF1Max, robisF1Max } from './f1-max.ts'
export { createAdeval, type AdevalAccumulator, type AdevalMetrics } from './inp-former-adeval.ts'
export { inpFormerAupro } from './inp-former-aupro.ts'
export { normaliseForRobis, robisAupro } from './robis-aupro.ts'
