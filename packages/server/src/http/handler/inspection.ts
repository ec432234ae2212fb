/** Inspections: judged, searched, exported, and decided by humans. */
import { stat } from 'node:fs/promises'
import { AssayError } from '@assay/contract'
import type { Services } from '../../services.ts'
import { firstProduct, type InspectionQuery } from '../../store/index.ts'
import type { Handlers } from '../call.ts'
import { exportInspections } from '../export/index.ts'
import { createFiles } from './file.ts'
import { onlyFile } from './only.ts'
import type { HandlerTools } from './tool.ts'

type InspectionHandlers = Pick<
  Handlers,
  | 'inspect'
  | 'listInspections'
  | 'exportInspections'
  | 'readInspection'
  | 'readInspectionPicture'
  | 'readInspectionView'
  | 'readInspectionMap'
  | 'readInspectionMask'
  | 'decide'
  | 'undoDecision'
>

export function createInspectionHandlers(
  services: Services,
  { metrics, newId }: HandlerTools,
): InspectionHandlers {
  const { stores, judge, pictures, blobs } = services
  const { inspection: inspections } = stores
  const files = createFiles(services)
  return {
    inspect: async ({ params: { product }, body, newId: id }) => {
      const { staged, name } = onlyFile(body)
      // Known to be refused before anything is kept.
      const { activeModel, name: called } = await stores.product.read(product)
      if (activeModel === null) throw new AssayError('NO_MODEL', { product: called })
      const { sha256, undo } = await staged.keep()
      try {
        const inspection = await judge.inspect({ product, name, sha256, id })
        metrics.inspection(inspection.record.verdict ?? 'none')
        return inspection
      } catch (error) {
        await undo()
        throw error
      }
    },
    listInspections: async ({ query }) => inspections.list(query),
    exportInspections: async ({ query: { format, ...query } }) => {
      const names = new Map((await stores.product.list()).map(({ id, name }) => [id, name]))
      return exportInspections(format, inspections.all(query satisfies InspectionQuery), names)
    },
    readInspection: async ({ params }) => inspections.read(params.inspection),
    readInspectionPicture: async ({ params }) =>
      files.picture((await inspections.files(params.inspection)).sha256),
    readInspectionView: async ({ params }) => files.view((await inspections.files(params.inspection)).sha256),
    readInspectionMap: async ({ params, query: { format } }) => {
      const { map, model, name } = await inspections.files(params.inspection)
      const sha256 = requireFile(map, 'map', params.inspection)
      if (format === 'tiff') return files.file(sha256, 'image/tiff', `${name} map.tiff`)
      const { pixel } = firstProduct(await stores.model.readCard(model))
      const content = await pictures.mapPng(await blobs.path(sha256), pixel)
      return { type: 'image/png', content, etag: `${sha256}-${pixel.threshold}-${pixel.scale}` }
    },
    readInspectionMask: async ({ params }) => {
      const { mask } = await inspections.files(params.inspection)
      return files.file(requireFile(mask, 'mask', params.inspection), 'image/png')
    },
    decide: async ({ params, body: { verdict, learn }, who }) => {
      const { sha256, name } = await inspections.files(params.inspection)
      return inspections.decide(params.inspection, {
        verdict,
        by: who.name,
        learn: learn ? { id: newId(), ...(await factsOf(await blobs.path(sha256), name)) } : null,
      })
    },
    undoDecision: async ({ params }) => inspections.undo(params.inspection),
  }

  async function factsOf(path: string, name: string) {
    const { width, height } = await pictures.examine(path, name)
    return { width, height, bytes: (await stat(path)).size }
  }
}

function requireFile(sha256: string | null, what: string, id: string): string {
  if (sha256 === null) throw new AssayError('NOT_FOUND', { what: `${what} of the inspection`, id })
  return sha256
}
