/** The option `--layout`: what data is, said instead of found out. */
import type { LayoutName } from '@assay/core'
import type { Core } from './core.ts'
import { readChoice } from './flags.ts'
import type { Flags } from './program.ts'

/** The layout asked for; one that does not exist is refused with those that do. */
export function readLayout(flags: Flags, core: Core): LayoutName | undefined {
  const names = core.layouts.map((layout) => layout.name)
  return readChoice(flags, 'layout', names)
}
