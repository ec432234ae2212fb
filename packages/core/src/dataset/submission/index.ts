/** Submissions to the MVTec AD 2 benchmark: their layout, a check before the upload, and the archive. */
export {
  checkSubmission,
  type CheckSubmissionOptions,
  type SubmissionFinding,
  type SubmissionReport,
} from './check.ts'
export {
  submissionFile,
  submissionFolder,
  submissionObjects,
  submissionSplits,
  type SubmissionKind,
  type SubmissionSplit,
} from './layout.ts'
export { packSubmission, type PackedSubmission, type PackSubmissionOptions } from './pack.ts'
