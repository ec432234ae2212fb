/** The head of a screen of one product, and what is shown when there is no such product. */
import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'
import type { ApiProduct } from '@assay/contract/api'
import { Empty, Waiting } from '../part/notice.tsx'
import { productOf, products, refreshProduct } from '../state/product.ts'
import { attempt } from '../state/toast.ts'

interface ProductScreenProps {
  readonly id: string
  readonly title: string
  /** Buttons at the right of the head. */
  readonly renderTools?: (product: ApiProduct) => ComponentChildren
  readonly children: (product: ApiProduct) => ComponentChildren
}

export function ProductScreen({ id, title, renderTools, children }: ProductScreenProps) {
  const product = productOf(id)
  const isThere = product !== undefined
  // Others work on it too, and a line inspects by itself.
  useEffect(() => {
    if (isThere) void attempt(() => refreshProduct(id))
  }, [id, isThere])
  if (products.value === undefined) return <Waiting />
  if (product === undefined)
    return (
      <Empty title="There is no such product">
        <p>
          It may have been deleted. Go to <a href="/">all products</a>.
        </p>
      </Empty>
    )
  return (
    <div class="screen">
      <header class="screen-head">
        <h1>
          {title}
          <small>{product.name}</small>
        </h1>
        <div class="tools">{renderTools?.(product)}</div>
      </header>
      {children(product)}
    </div>
  )
}

/** What the screens say that need a model. */
export function NoModel({ product, why }: { product: ApiProduct; why: string }) {
  return (
    <Empty title="This product has no model yet">
      <p>{why}</p>
      <a class="button primary" href={`/product/${product.id}${product.images.good >= 2 ? '/train' : ''}`}>
        {product.images.good >= 2 ? 'Train the first model' : 'Add pictures of good parts'}
      </a>
    </Empty>
  )
}
