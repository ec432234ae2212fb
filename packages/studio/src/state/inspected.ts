/** Pictures given to be inspected on this page: they go to the server two at a time and stay while the page is open. */
import { signal } from '@preact/signals'
import type { ApiInspection } from '@assay/contract/api'
import { toFault, type Fault } from '../client/fault.ts'
import { call } from '../client/request.ts'
import type { NamedFile } from '../client/upload.ts'
import { refreshProduct } from './product.ts'
import { attempt } from './toast.ts'

export interface Item {
  readonly key: number
  readonly product: string
  readonly name: string
  readonly state:
    | { readonly type: 'waiting' | 'busy' }
    | { readonly type: 'done'; readonly inspection: ApiInspection }
    | { readonly type: 'failed'; readonly fault: Fault }
}

/** Oldest first. */
export const items = signal<readonly Item[]>([])

const mostBusy = 2
const files = new Map<number, NamedFile>()
/** Products whose counts have changed since they were last asked for. */
const touched = new Set<string>()
let count = 0

export function inspectFiles(product: string, given: readonly NamedFile[]): void {
  const added = given.map((file): Item => {
    const key = ++count
    files.set(key, file)
    return { key, product, name: file.name, state: { type: 'waiting' } }
  })
  items.value = [...items.value, ...added]
  workOn()
}

export function putInspection(inspection: ApiInspection): void {
  items.value = items.value.map((item) =>
    item.state.type === 'done' && item.state.inspection.id === inspection.id
      ? { ...item, state: { type: 'done', inspection } }
      : item,
  )
}

/** Forgets what is not waiting; the records stay in the history. */
export function clearItems(product: string): void {
  items.value = items.value.filter(
    (item) => item.product !== product || item.state.type === 'waiting' || item.state.type === 'busy',
  )
}

function workOn(): void {
  const busy = items.value.filter(({ state }) => state.type === 'busy').length
  if (files.size === 0) {
    for (const product of touched) void attempt(() => refreshProduct(product))
    touched.clear()
  }
  const next = items.value
    .filter(({ state }) => state.type === 'waiting')
    .slice(0, Math.max(0, mostBusy - busy))
  for (const item of next) {
    put(item.key, { type: 'busy' })
    void inspect(item).then(workOn)
  }
}

async function inspect({ key, product }: Item): Promise<void> {
  const given = files.get(key)
  if (given === undefined) return
  touched.add(product)
  const body = new FormData()
  body.append('file', given.file, given.name)
  try {
    put(key, { type: 'done', inspection: await call('inspect', { product, body }) })
  } catch (error) {
    put(key, { type: 'failed', fault: toFault(error) })
  }
  files.delete(key)
}

function put(key: number, state: Item['state']): void {
  items.value = items.value.map((item) => (item.key === key ? { ...item, state } : item))
}
