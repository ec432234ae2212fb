/** Scores over time. */
export { computeDrift, mostScores } from './drift.ts'
