/**
 * Thousands of small pictures, of which only those in sight are in the page. One can be current and many chosen:
 * click, Shift for a range, Ctrl or Command for single ones, arrow keys, Space, Ctrl+A.
 */
import type { ComponentChildren } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'

export interface GalleryItem {
  readonly id: string
  readonly label: string
  readonly src: string
}

interface GalleryProps<T extends GalleryItem> {
  readonly label: string
  readonly items: readonly T[]
  readonly chosen: ReadonlySet<string>
  readonly onChoose: (chosen: ReadonlySet<string>) => void
  readonly onOpen?: (item: T) => void
  /** What stands on a picture. */
  readonly renderMark?: (item: T) => ComponentChildren
  /** Near the end: more can be fetched. */
  readonly onEnd?: () => void
  readonly cellPx?: number
}

const gap = 8
const captionPx = 24
const marginRows = 2

export function Gallery<T extends GalleryItem>(props: GalleryProps<T>) {
  const { label, items, chosen, onChoose, onOpen, renderMark, onEnd, cellPx = 132 } = props
  const box = useRef<HTMLDivElement>(null)
  const [size, setSize] = useState({ width: 0, height: 0 })
  const [top, setTop] = useState(0)
  const [current, setCurrent] = useState(0)
  const anchor = useRef(0)
  useLayoutEffect(() => {
    const { current: element } = box
    if (element === null) return undefined
    const observer = new ResizeObserver(() =>
      setSize({ width: element.clientWidth, height: element.clientHeight }),
    )
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  const columns = Math.max(1, Math.floor((size.width - gap) / (cellPx + gap)))
  const cell = Math.max(40, (size.width - gap * (columns + 1)) / columns)
  const rowPx = cell * 0.8 + captionPx + gap
  const rows = Math.ceil(items.length / columns)
  const firstRow = Math.max(0, Math.floor(top / rowPx) - marginRows)
  const lastRow = Math.min(rows, Math.ceil((top + size.height) / rowPx) + marginRows)
  const isNearEnd = lastRow >= rows - 1
  useEffect(() => {
    if (isNearEnd && size.height > 0) onEnd?.()
  }, [isNearEnd, items.length, size.height])

  const choose = (at: number, how: { shiftKey: boolean; ctrlKey: boolean; metaKey: boolean }): void => {
    const item = items[at]
    if (item === undefined) return
    setCurrent(at)
    if (how.shiftKey) {
      const [from, to] = [Math.min(anchor.current, at), Math.max(anchor.current, at)]
      onChoose(new Set(items.slice(from, to + 1).map(({ id }) => id)))
      return
    }
    anchor.current = at
    if (!how.ctrlKey && !how.metaKey) return onChoose(new Set([item.id]))
    const next = new Set(chosen)
    if (!next.delete(item.id)) next.add(item.id)
    onChoose(next)
  }
  const reveal = (at: number): void => {
    const y = Math.floor(at / columns) * rowPx
    const { current: element } = box
    if (element === null) return
    if (y < element.scrollTop) element.scrollTop = y
    if (y + rowPx > element.scrollTop + element.clientHeight)
      element.scrollTop = y + rowPx - element.clientHeight + gap
  }
  const press = (event: KeyboardEvent): void => {
    const steps: Record<string, number> = {
      ArrowLeft: -1,
      ArrowRight: 1,
      ArrowUp: -columns,
      ArrowDown: columns,
      Home: -items.length,
      End: items.length,
    }
    const step = steps[event.key]
    const item = items[current]
    if (event.key === 'a' && (event.ctrlKey || event.metaKey)) onChoose(new Set(items.map(({ id }) => id)))
    else if (event.key === ' ' && item !== undefined)
      choose(current, { shiftKey: false, ctrlKey: true, metaKey: false })
    else if (event.key === 'Enter' && item !== undefined) onOpen?.(item)
    else if (step !== undefined) {
      const next = Math.min(items.length - 1, Math.max(0, current + step))
      choose(next, { shiftKey: event.shiftKey, ctrlKey: false, metaKey: false })
      reveal(next)
    } else return
    event.preventDefault()
  }
  const idOf = (at: number): string => `cell-${items[at]?.id ?? ''}`
  const shown = items.slice(firstRow * columns, lastRow * columns)
  return (
    <div
      ref={box}
      class="gallery"
      role="listbox"
      aria-label={label}
      aria-multiselectable="true"
      aria-activedescendant={items[current] === undefined ? undefined : idOf(current)}
      tabIndex={0}
      onScroll={({ currentTarget }) => setTop(currentTarget.scrollTop)}
      onKeyDown={press}
    >
      <div class="gallery-floor" role="presentation" style={{ height: `${rows * rowPx + gap}px` }}>
        {shown.map((item, i) => {
          const at = firstRow * columns + i
          const place = {
            width: `${cell}px`,
            height: `${rowPx - gap}px`,
            transform: `translate(${gap + (at % columns) * (cell + gap)}px, ${gap + Math.floor(at / columns) * rowPx}px)`,
          }
          return (
            <div
              key={item.id}
              id={idOf(at)}
              class={at === current ? 'cell current' : 'cell'}
              role="option"
              aria-selected={chosen.has(item.id)}
              aria-setsize={items.length}
              aria-posinset={at + 1}
              style={place}
              onClick={(event) => choose(at, event)}
              onDblClick={() => onOpen?.(item)}
            >
              <img src={item.src} alt="" loading="lazy" decoding="async" draggable={false} />
              <span class="cell-name">{item.label}</span>
              {renderMark !== undefined && <span class="cell-mark">{renderMark(item)}</span>}
            </div>
          )
        })}
      </div>
    </div>
  )
}
