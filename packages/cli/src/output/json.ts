/** Results as JSON: one document per line. */
import type { Host } from '../host.ts'

export function printJson(host: Pick<Host, 'stdout'>, document: unknown): void {
  host.stdout.write(`${JSON.stringify(document)}\n`)
}
