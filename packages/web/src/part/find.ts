/** Looks up a part of an element's own markup, which is always there. */
export function find<T extends Element>(root: ParentNode, selector: string, kind: new () => T): T {
  const found = root.querySelector(selector)
  if (!(found instanceof kind)) throw new Error(`internal: there is no ${selector}`)
  return found
}
