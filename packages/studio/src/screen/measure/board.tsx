/** The picture on which zones and lengths are drawn. */
import type { ApiImage } from '@assay/contract/api'
import { useMemo, useRef, useState } from 'preact/hooks'
import { addressOf } from '../../client/request.ts'
import { useHotkeys } from '../../state/hotkey.ts'
import { PartView } from '../../view/part-view.tsx'
import { createZoom, wholePicture } from '../../view/zoom.ts'
import type { DraftZone, Point } from './draft.ts'

export type Tool = 'move' | 'rectangle' | 'polygon' | 'ruler'

interface BoardProps {
  readonly image: ApiImage
  readonly zones: readonly DraftZone[]
  readonly selected: number | null
  readonly tool: Tool
  /** Pixels of the picture. */
  readonly ruler: readonly [Point, Point] | null
  readonly onSelect: (zone: number | null) => void
  readonly onDrawn: (polygon: readonly Point[]) => void
  readonly onCorners: (zone: number, polygon: readonly Point[]) => void
  readonly onRuler: (ends: readonly [Point, Point]) => void
}

interface Grab {
  readonly kind: 'corner' | 'draw'
  readonly zone: number
  readonly corner: number
  readonly from: Point
}

export function Board(props: BoardProps) {
  const { image, zones: kept, selected, tool, ruler, onSelect, onDrawn, onCorners, onRuler } = props
  const { width, height } = image
  const zoom = useMemo(createZoom, [image.id])
  /** Corners of the polygon that is being drawn, in shares. */
  const [open, setOpen] = useState<readonly Point[]>([])
  /** A zone whose corner is being moved; it is one change when the hand lets go. */
  const [moved, setMoved] = useState<{ readonly zone: number; readonly polygon: readonly Point[] } | null>(
    null,
  )
  const zones = kept.map((zone, i) => (i === moved?.zone ? { ...zone, polygon: moved.polygon } : zone))
  const [pointer, setPointer] = useState<Point | null>(null)
  const grab = useRef<Grab | null>(null)
  /** As `pointer`, also before it has been drawn: a quick hand lets go earlier. */
  const latest = useRef<Point | null>(null)
  const point = (at: Point): void => {
    latest.current = at
    setPointer(at)
  }
  const finish = (): void => {
    if (open.length >= 3) onDrawn(open)
    setOpen([])
  }
  useHotkeys([
    { key: 'Enter', does: 'Close the polygon', run: finish },
    { key: 'Escape', does: 'Forget what is being drawn', run: () => setOpen([]) },
    { key: '0', does: 'The whole picture', run: () => (zoom.value = wholePicture) },
  ])
  const toShare = ({ x, y }: { x: number; y: number }): Point => [
    Math.min(1, Math.max(0, x / width)),
    Math.min(1, Math.max(0, y / height)),
  ]
  const press = (event: PointerEvent, at: { readonly x: number; readonly y: number }): boolean => {
    const place = toShare(at)
    if (tool === 'polygon') {
      const [first] = open
      const isClosing =
        first !== undefined &&
        open.length >= 3 &&
        Math.hypot((place[0] - first[0]) * width, (place[1] - first[1]) * height) <
          Math.max(width, height) / 60
      if (isClosing) finish()
      else setOpen([...open, place])
      return true
    }
    if (tool === 'move') {
      const { target } = event
      const mark = target instanceof Element ? target.closest<SVGElement>('[data-zone]') : null
      if (mark === null) {
        onSelect(null)
        return false
      }
      const zone = Number(mark.dataset['zone'])
      onSelect(zone)
      if (mark.dataset['corner'] === undefined) return false
      grab.current = { kind: 'corner', zone, corner: Number(mark.dataset['corner']), from: place }
      return true
    }
    grab.current = { kind: 'draw', zone: -1, corner: -1, from: place }
    point(place)
    return true
  }
  const move = (at: { readonly x: number; readonly y: number } | null): void => {
    if (at === null) return
    const place = toShare(at)
    point(place)
    const { current } = grab
    if (current?.kind !== 'corner') return
    const polygon = zones[current.zone]?.polygon
    if (polygon != null) setMoved({ zone: current.zone, polygon: polygon.with(current.corner, place) })
  }
  const release = (): void => {
    const { current } = grab
    grab.current = null
    if (moved !== null) onCorners(moved.zone, moved.polygon)
    setMoved(null)
    if (current?.kind !== 'draw' || latest.current === null) return
    const [a, b] = [current.from, latest.current]
    const isLarge = Math.hypot((b[0] - a[0]) * width, (b[1] - a[1]) * height) > 4
    if (!isLarge) return
    if (tool === 'rectangle') onDrawn([a, [b[0], a[1]], b, [a[0], b[1]]])
    if (tool === 'ruler')
      onRuler([
        [a[0] * width, a[1] * height],
        [b[0] * width, b[1] * height],
      ])
  }
  const pathOf = (points: readonly Point[], isClosed: boolean): string =>
    `${points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${x * width} ${y * height}`).join('')}${isClosed ? 'Z' : ''}`
  const from = grab.current?.kind === 'draw' ? grab.current.from : null
  return (
    <div class={`board tool-${tool}`} onPointerUp={release}>
      <PartView
        label={`${image.name}, to draw zones on`}
        src={addressOf(
          /\.(?:png|jpe?g|webp|bmp)$/i.test(image.name) ? 'readImageFile' : 'readImageThumbnail',
          { image: image.id },
        )}
        size={image}
        zoom={zoom}
        onPress={press}
        onPoint={move}
        renderOver={(scale) => (
          <>
            {zones.map((zone, i) =>
              zone.polygon === null ? null : (
                <g key={i} class={`zone ${zone.kind} ${i === selected ? 'selected' : ''}`}>
                  <path data-zone={i} d={pathOf(zone.polygon, true)} />
                  <text
                    x={(zone.polygon[0]?.[0] ?? 0) * width + 5 / scale}
                    y={(zone.polygon[0]?.[1] ?? 0) * height + 15 / scale}
                    font-size={12 / scale}
                  >
                    {zone.name}
                  </text>
                  {i === selected &&
                    zone.polygon.map(([x, y], corner) => (
                      <circle
                        key={corner}
                        data-zone={i}
                        data-corner={corner}
                        cx={x * width}
                        cy={y * height}
                        r={6 / scale}
                      />
                    ))}
                </g>
              ),
            )}
            {open.length > 0 && (
              <path class="open" d={pathOf(pointer === null ? open : [...open, pointer], false)} />
            )}
            {from !== null && pointer !== null && tool === 'rectangle' && (
              <path
                class="open"
                d={pathOf([from, [pointer[0], from[1]], pointer, [from[0], pointer[1]]], true)}
              />
            )}
            {from !== null && pointer !== null && tool === 'ruler' && (
              <path class="ruler" d={pathOf([from, pointer], false)} />
            )}
            {ruler !== null && (
              <path class="ruler" d={`M${ruler[0][0]} ${ruler[0][1]}L${ruler[1][0]} ${ruler[1][1]}`} />
            )}
          </>
        )}
      />
    </div>
  )
}
