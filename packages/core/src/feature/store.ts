/**
 * Patch features of all training images, extracted once, within a memory budget.
 *
 * Rows are kept in memory while the whole of them fits the budget, otherwise in one file that is read
 * by position. Half precision is enough for features of a trained network; the published form of a
 * method asks for `float32`.
 */
import { AssayError, reasonOf } from '@assay/contract'
import { openSpillFile } from '#file'

export interface FeatureStoreOptions {
  /** Values per row. */
  readonly dimension: number
  /** About how many rows will come in all; decides between memory and disk. */
  readonly expectedRows: number
  readonly precision: 'float16' | 'float32'
  readonly budgetBytes: number
  /** Where the rows go when they do not fit the budget; removed on disposal. */
  readonly spillPath: string
}

export interface FeatureStore extends Disposable {
  readonly dimension: number
  readonly isOnDisk: boolean
  /** Rows of an image. */
  rowsOf(image: number): number
  /** The picture that an image was cut from: its windows are judged without each other's patches. */
  pictureOf(image: number): number
  /** Stores the rows of the next image: `[rows, dimension]`; it is a picture of its own unless one is named. */
  append(features: Float32Array, picture?: number): void
  /** Copies rows (all when null) of an image into `out` from `offset` on, as float32. */
  read(image: number, rows: Uint32Array | null, out: Float32Array, offset?: number): void
}

type Cells = Float16Array | Float32Array

export function createFeatureStore(options: FeatureStoreOptions): FeatureStore {
  const { dimension, expectedRows, precision, budgetBytes, spillPath } = options
  const bytesPerCell = precision === 'float16' ? 2 : 4
  const total = expectedRows * dimension * bytesPerCell
  const rows: number[] = []
  const pictures: number[] = []
  const backing = total > budgetBytes ? createFileBacking(spillPath) : createMemoryBacking()
  const starts = [0]
  const toCells = (n: number): Cells => (precision === 'float16' ? new Float16Array(n) : new Float32Array(n))
  return {
    dimension,
    isOnDisk: total > budgetBytes,
    rowsOf: (image) => rows[image] ?? 0,
    pictureOf: (image) => pictures[image] ?? image,
    append(features, picture = rows.length) {
      if (features.length % dimension !== 0)
        throw new Error(`internal: ${features.length} values are no rows of ${dimension}`)
      const cells = toCells(features.length)
      cells.set(features)
      backing.append(cells)
      starts.push((starts[rows.length] ?? 0) + cells.byteLength)
      rows.push(features.length / dimension)
      pictures.push(picture)
    },
    read(image, wanted, out, offset = 0) {
      if (image >= rows.length) throw new Error(`internal: features of image ${image} are not stored yet`)
      const start = starts[image] ?? 0
      if (wanted === null) {
        const cells = toCells((rows[image] ?? 0) * dimension)
        backing.read(image, start, 0, cells)
        out.set(cells, offset)
        return
      }
      const row = toCells(dimension)
      for (let i = 0; i < wanted.length; i++) {
        backing.read(image, start, (wanted[i] ?? 0) * dimension, row)
        out.set(row, offset + i * dimension)
      }
    },
    [Symbol.dispose]: () => backing.dispose(),
  }
}

interface Backing {
  append(cells: Cells): void
  /** Fills `into` from cell `at` of the image on. */
  read(image: number, startByte: number, at: number, into: Cells): void
  dispose(): void
}

function createMemoryBacking(): Backing {
  const images: Cells[] = []
  return {
    append: (cells) => void images.push(cells),
    read(image, _startByte, at, into) {
      const cells = images[image]
      if (cells === undefined) throw new Error(`internal: no features of image ${image}`)
      into.set(cells.subarray(at, at + into.length))
    },
    dispose: () => void images.splice(0),
  }
}

function createFileBacking(path: string): Backing {
  const guard = <T>(action: () => T): T => {
    try {
      return action()
    } catch (error) {
      throw new AssayError('OUTPUT_NOT_WRITABLE', { path, reason: reasonOf(error) }, { cause: error })
    }
  }
  const file = guard(() => openSpillFile(path))
  let end = 0
  return {
    append(cells) {
      guard(() => file.write(new Uint8Array(cells.buffer, cells.byteOffset, cells.byteLength), end))
      end += cells.byteLength
    },
    read(_image, startByte, at, into) {
      const bytes = new Uint8Array(into.buffer, into.byteOffset, into.byteLength)
      guard(() => file.read(bytes, startByte + at * into.BYTES_PER_ELEMENT))
    },
    dispose: () => file[Symbol.dispose](),
  }
}
