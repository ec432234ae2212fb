/** Turns the test report and the exit codes of a CI run into its last line and its own exit code. */
import { readFileSync } from 'node:fs'

interface Report {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
}

const [reportPath = '', checks = '1', tests = '1'] = process.argv.slice(2)

let report: Report = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0 }
try {
  // Written by vitest's json reporter a moment ago.
  report = JSON.parse(readFileSync(reportPath, 'utf8')) as Report
} catch {
  console.log('The test run left no report.')
}

const skipped = report.numPendingTests + report.numTodoTests
if (skipped > 0) console.log(`${skipped} tests were skipped; here everything they need is to be installed.`)
if (checks !== '0') console.log('npm run check failed.')
const suiteFault = tests !== '0' && report.numFailedTests === 0 ? 1 : 0
const failed = report.numFailedTests + skipped + (checks === '0' ? 0 : 1) + suiteFault
console.log(`${report.numPassedTests} passed, ${failed} failed`)
process.exit(failed === 0 && report.numPassedTests > 0 ? 0 : 1)
