/** The slow and obvious float64 evaluator. */
export { evaluate } from './evaluate.ts'
