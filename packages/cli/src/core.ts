/** The library as the commands see it; loaded when one of them runs, so that --help is instant. */
import type * as core from '@assay/core'

export type Core = typeof core

export function loadCore(): Promise<Core> {
  return import('@assay/core')
}
