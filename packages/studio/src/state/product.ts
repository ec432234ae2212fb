/** All products, kept up to date for the list at the side and for the screens of one. */
import { signal } from '@preact/signals'
import type { ApiProduct } from '@assay/contract/api'
import { call } from '../client/request.ts'

export const products = signal<readonly ApiProduct[] | undefined>(undefined)

export async function refreshProducts(): Promise<void> {
  const { items } = await call('listProducts', {})
  products.value = items.toSorted((a, b) => a.name.localeCompare(b.name))
}

export async function refreshProduct(product: string): Promise<void> {
  putProduct(await call('readProduct', { product }))
}

export function putProduct(product: ApiProduct): void {
  const others = (products.value ?? []).filter(({ id }) => id !== product.id)
  products.value = [...others, product].toSorted((a, b) => a.name.localeCompare(b.name))
}

export function productOf(id: string): ApiProduct | undefined {
  return products.value?.find((product) => product.id === id)
}
