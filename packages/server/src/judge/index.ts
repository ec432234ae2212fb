/** The models that judge what is submitted, in processes of their own. */
export { createJudge } from './judge.ts'
