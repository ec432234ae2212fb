/**
 * A few child processes that answer requests, one at a time each, with a bounded queue before them.
 *
 * Requests wait in lanes, one per product, which take turns, so that a busy product does not starve the others; a
 * full lane refuses at once. A process that dies or does not answer in time costs the one request it had; the next
 * one gets a new process.
 */
import { AssayError } from '@assay/contract'
import { openChild, type Child } from './child.ts'
import { explainEnding } from './ending.ts'
import { fromFault, type Fault } from './fault.ts'

export interface Pool<Request, Reply> extends AsyncDisposable {
  /** Throws STUDIO_BUSY when the lane is full, TASK_CRASHED and the like when the process dies of it. */
  ask(request: Request, options: { readonly lane: string; readonly isBackground?: boolean }): Promise<Reply>
  /** Asks every process, before whatever waits; what they answer in turn. */
  askEach(request: Request): Promise<readonly Reply[]>
  /** Requests that wait or run. */
  readonly load: number
  /** Of the processes that run now. */
  readonly pids: readonly number[]
}

export interface PoolOptions {
  readonly file: URL
  /** As in "the inspection", for errors. */
  readonly what: string
  readonly processes: number
  /** Requests that may wait in a lane. */
  readonly waiting: number
  readonly timeoutMs: number
}

export type PoolOrder<Request> = { readonly request: Request }
export type PoolWord<Reply> =
  | { readonly type: 'reply'; readonly reply: Reply }
  | { readonly type: 'fault'; readonly fault: Fault }

interface Ask<Request, Reply> {
  readonly request: Request
  readonly resolve: (reply: Reply) => void
  readonly reject: (error: Error) => void
}

/** One process, which is started when it is first needed. */
interface Seat<Request, Reply> {
  child: Child<PoolOrder<Request>> | null
  current: Ask<Request, Reply> | null
  timer: NodeJS.Timeout | null
  readonly own: Ask<Request, Reply>[]
}

export function createPool<Request, Reply>(options: PoolOptions): Pool<Request, Reply> {
  return new ProcessPool<Request, Reply>(options)
}

class ProcessPool<Request, Reply> implements Pool<Request, Reply> {
  readonly #options: PoolOptions
  readonly #seats: readonly Seat<Request, Reply>[]
  readonly #lanes = new Map<string, Ask<Request, Reply>[]>()
  readonly #background: Ask<Request, Reply>[] = []
  #isClosed = false

  constructor(options: PoolOptions) {
    this.#options = options
    this.#seats = Array.from({ length: options.processes }, () => ({
      child: null,
      current: null,
      timer: null,
      own: [],
    }))
  }

  get load(): number {
    const running = this.#seats.filter((seat) => seat.current !== null).length
    const own = this.#seats.reduce((sum, seat) => sum + seat.own.length, 0)
    return running + own + [...this.#lanes.values()].reduce((sum, lane) => sum + lane.length, 0)
  }

  get pids(): readonly number[] {
    return this.#seats.flatMap(({ child }) => (child === null ? [] : [child.pid]))
  }

  async ask(
    request: Request,
    { lane, isBackground = false }: { readonly lane: string; readonly isBackground?: boolean },
  ): Promise<Reply> {
    const queue = isBackground ? this.#background : (this.#lanes.get(lane) ?? [])
    if (this.#isClosed || queue.length >= this.#options.waiting)
      throw this.#isClosed
        ? closed()
        : new AssayError('STUDIO_BUSY', {
            what: `${queue.length} wait for ${this.#options.what}`,
            seconds: 1,
          })
    if (!isBackground) this.#lanes.set(lane, queue)
    return await this.#push(queue, request)
  }

  async askEach(request: Request): Promise<readonly Reply[]> {
    return await Promise.all(this.#seats.map((seat) => this.#push(seat.own, request)))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true
    const left = [
      ...this.#background.splice(0),
      ...[...this.#lanes.values()].flatMap((lane) => lane.splice(0)),
    ]
    for (const { reject } of left) reject(closed())
    await Promise.all(
      this.#seats.map(async ({ child, own }) => {
        for (const { reject } of own.splice(0)) reject(closed())
        child?.kill()
        await child?.ended
      }),
    )
  }

  #push(queue: Ask<Request, Reply>[], request: Request): Promise<Reply> {
    return new Promise((resolve, reject) => {
      queue.push({ request, resolve, reject })
      this.#dispatch()
    })
  }

  #dispatch(): void {
    if (this.#isClosed) return
    for (const seat of this.#seats) {
      if (seat.current !== null) continue
      const next = seat.own.shift() ?? this.#next()
      if (next === undefined) continue
      seat.current = next
      seat.timer = setTimeout(() => this.#giveUp(seat), this.#options.timeoutMs)
      seat.child ??= this.#open(seat)
      seat.child.send({ request: next.request })
    }
  }

  /** Of the lane whose turn it is. Lanes without requests are dropped. */
  #next(): Ask<Request, Reply> | undefined {
    for (const [name, lane] of this.#lanes) {
      const next = lane.shift()
      this.#lanes.delete(name)
      if (next === undefined) continue
      // Back at the end of the row.
      if (lane.length > 0) this.#lanes.set(name, lane)
      return next
    }
    return this.#background.shift()
  }

  #open(seat: Seat<Request, Reply>): Child<PoolOrder<Request>> {
    const child = openChild<PoolOrder<Request>>(this.#options.file, (said) => {
      // `answer` sends nothing else.
      const word = said as PoolWord<Reply>
      const { current } = seat
      if (seat.child !== child || current === null) return
      this.#free(seat)
      if (word.type === 'reply') current.resolve(word.reply)
      else current.reject(fromFault(word.fault))
      this.#dispatch()
    })
    void this.#mourn(seat, child)
    return child
  }

  async #mourn(seat: Seat<Request, Reply>, child: Child<PoolOrder<Request>>): Promise<void> {
    const ending = await child.ended
    if (seat.child !== child) return
    seat.child = null
    const { current } = seat
    if (current === null) return
    this.#free(seat)
    current.reject(this.#isClosed ? closed() : explainEnding(ending, this.#options.what))
    this.#dispatch()
  }

  #giveUp(seat: Seat<Request, Reply>): void {
    const { child, current } = seat
    seat.child = null
    this.#free(seat)
    child?.kill()
    const { what, timeoutMs } = this.#options
    current?.reject(new AssayError('TASK_SILENT', { what, seconds: timeoutMs / 1000 }))
    this.#dispatch()
  }

  #free(seat: Seat<Request, Reply>): void {
    if (seat.timer !== null) clearTimeout(seat.timer)
    seat.timer = null
    seat.current = null
  }
}

function closed(): AssayError {
  return new AssayError('STUDIO_STOPPING', {})
}
