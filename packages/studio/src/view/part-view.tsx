/**
 * A picture of a part with what lies over it, to be zoomed and moved: wheel, drag, double click, two fingers on a
 * touch pad. The part is always there; heat, outline and boxes are layers of their own.
 */
import type { Signal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { paintHeat, type HeatMap, type Outline } from './layer.ts'
import { keepInside, wholePicture, zoomAround, type Zoom } from './zoom.ts'

export interface PartViewProps {
  readonly label: string
  readonly src: string
  /** Of the picture itself, which may be larger than what `src` gives; null: as `src` gives it. */
  readonly size: { readonly width: number; readonly height: number } | null
  readonly zoom: Signal<Zoom>
  readonly heat?: HeatMap | null
  /** 0 to 1. */
  readonly opacity?: number
  readonly outline?: Outline | null
  readonly boxes?: readonly (readonly [x: number, y: number, width: number, height: number])[]
  readonly highlighted?: number | null
  /** Shows only what is right of this share of the view's width in layers (the reveal slider). */
  readonly revealFrom?: number
  /** The pixel under the pointer, in pixels of the picture; null when it has left. */
  readonly onPoint?: (at: { readonly x: number; readonly y: number } | null) => void
  /** Drawn over it in pixels of the picture; the scale is screen pixels per pixel. */
  readonly renderOver?: (scale: number) => ComponentChildren
  /** Takes a press at a pixel of the picture instead of moving the view. */
  readonly onPress?: (event: PointerEvent, at: { readonly x: number; readonly y: number }) => boolean
  readonly children?: ComponentChildren
}

export function PartView(props: PartViewProps) {
  const { label, src, size, zoom, heat = null, opacity = 1, outline = null, boxes = [] } = props
  const { highlighted = null, revealFrom = 0, onPoint, renderOver, onPress, children } = props
  const stage = useRef<HTMLDivElement>(null)
  const [room, setRoom] = useState({ width: 0, height: 0 })
  const [natural, setNatural] = useState({ width: 0, height: 0 })
  const { width, height } = size ?? natural
  useLayoutEffect(() => {
    const { current } = stage
    if (current === null) return undefined
    const observer = new ResizeObserver(() =>
      setRoom({ width: current.clientWidth, height: current.clientHeight }),
    )
    observer.observe(current)
    return () => observer.disconnect()
  }, [])
  const fit = width === 0 ? 0 : Math.min(room.width / width, room.height / height)
  const { scale, x, y } = zoom.value
  const pixel = fit * scale
  const left = room.width / 2 - x * width * pixel
  const top = room.height / 2 - y * height * pixel

  const placeOf = ({ clientX, clientY }: MouseEvent): { x: number; y: number } => {
    const rect = stage.current?.getBoundingClientRect()
    return {
      x: (clientX - (rect?.left ?? 0) - left) / pixel,
      y: (clientY - (rect?.top ?? 0) - top) / pixel,
    }
  }
  // Not passive, which is what an attribute would make of it: the page must not scroll meanwhile.
  useEffect(() => {
    const { current } = stage
    if (current === null || pixel === 0) return undefined
    const turn = (event: WheelEvent): void => {
      event.preventDefault()
      const at = placeOf(event)
      const factor = Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0016))
      zoom.value = zoomAround(zoom.peek(), factor, at.x / width, at.y / height)
    }
    current.addEventListener('wheel', turn, { passive: false })
    return () => current.removeEventListener('wheel', turn)
  })
  const drag = useRef<{ readonly x: number; readonly y: number; readonly zoom: Zoom } | null>(null)
  const press = (event: PointerEvent): void => {
    if (event.button !== 0 || pixel === 0) return
    if (event.target instanceof Element && event.target.closest('button, input') !== null) return
    // Captured, so that it also ends here when the hand lets go over something else.
    stage.current?.setPointerCapture(event.pointerId)
    if (onPress?.(event, placeOf(event)) === true) return
    drag.current = { x: event.clientX, y: event.clientY, zoom: zoom.peek() }
  }
  const move = (event: PointerEvent): void => {
    if (drag.current !== null) {
      const { zoom: from } = drag.current
      zoom.value = keepInside({
        scale: from.scale,
        x: from.x - (event.clientX - drag.current.x) / (width * pixel),
        y: from.y - (event.clientY - drag.current.y) / (height * pixel),
      })
    }
    const at = placeOf(event)
    const isInside = at.x >= 0 && at.y >= 0 && at.x < width && at.y < height
    onPoint?.(isInside ? { x: Math.floor(at.x), y: Math.floor(at.y) } : null)
  }
  const revealPx = revealFrom * room.width - left
  const clip = revealFrom > 0 ? { clipPath: `inset(0 0 0 ${Math.max(0, revealPx)}px)` } : {}
  const frame = { width: `${width * pixel}px`, height: `${height * pixel}px` }
  return (
    <div
      ref={stage}
      class="stage"
      onPointerDown={press}
      onPointerMove={move}
      onPointerUp={() => (drag.current = null)}
      onPointerCancel={() => (drag.current = null)}
      onPointerLeave={() => onPoint?.(null)}
      onDblClick={(event) => {
        if (pixel === 0) return
        const at = placeOf(event)
        zoom.value =
          zoom.peek().scale > 1.01
            ? wholePicture
            : zoomAround(zoom.peek(), Math.max(2, 1 / fit), at.x / width, at.y / height)
      }}
    >
      <div class="layers" style={{ transform: `translate(${left}px, ${top}px)`, ...frame }}>
        <img
          src={src}
          alt={label}
          class={pixel > 3 ? 'crisp' : ''}
          draggable={false}
          onLoad={({ currentTarget }) =>
            setNatural({ width: currentTarget.naturalWidth, height: currentTarget.naturalHeight })
          }
        />
        <div class="over" style={clip}>
          {heat !== null && opacity > 0 && <HeatLayer heat={heat} opacity={opacity} />}
          {width > 0 && (
            <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true">
              {outline !== null && outline.path !== '' && (
                <>
                  <path class="halo" d={outline.path} />
                  <path class="outline" d={outline.path} />
                </>
              )}
              {boxes.map(([bx, by, bw, bh], i) => (
                <rect
                  key={i}
                  class={i === highlighted ? 'box highlighted' : 'box'}
                  x={bx - 2}
                  y={by - 2}
                  width={bw + 4}
                  height={bh + 4}
                />
              ))}
            </svg>
          )}
        </div>
        {width > 0 && renderOver !== undefined && (
          <svg class="drawing" viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none">
            {renderOver(pixel)}
          </svg>
        )}
      </div>
      {children}
    </div>
  )
}

function HeatLayer({ heat, opacity }: { heat: HeatMap; opacity: number }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  useLayoutEffect(() => {
    const { current } = canvas
    if (current === null) return
    current.width = heat.width
    current.height = heat.height
    current.getContext('2d')?.putImageData(paintHeat(heat), 0, 0)
  }, [heat])
  return <canvas ref={canvas} style={{ opacity: String(opacity) }} aria-hidden="true" />
}
