/** The two ways in which a weights file is turned down. */
import { AssayError } from '@assay/contract'

/** The file at `path` is damaged, cut or of another kind. */
export function unreadable(path: string, reason: string, cause?: unknown): AssayError {
  return new AssayError('WEIGHTS_UNREADABLE', { path, reason }, cause === undefined ? {} : { cause })
}

/** The pickle in `path` asks for something that is neither a tensor nor a plain container. */
export function refused(path: string, asked: string): AssayError {
  return new AssayError('WEIGHTS_REFUSED', { path, asked: printable(asked) })
}

/** Text from a stranger's file, made safe for a one-line message: visible ASCII, at most 120 characters. */
export function printable(text: string): string {
  const visible = text.slice(0, 120).replace(/[^\x20-\x7e]/g, '?')
  return text.length > 120 ? `${visible}...` : visible
}
