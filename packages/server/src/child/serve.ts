/** The child's side of `openChild`. */

/**
 * Obeys what the parent sends, whose meaning the caller knows. Ends when the parent has gone: nobody would hear of the result, and another worker
 * may have taken the job over.
 */
export function serve(obey: (order: unknown, say: (word: object) => void) => void): void {
  process.on('disconnect', () => process.exit(0))
  // Ctrl-C in a terminal goes to the whole group; the parent decides what becomes of its children.
  process.on('SIGINT', () => {})
  const say = (word: object): void => {
    if (process.connected) process.send?.(word, undefined, {}, () => {})
  }
  process.on('message', (order) => obey(order, say))
}
