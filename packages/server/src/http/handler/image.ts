/** Pictures of a product: uploaded, sorted, looked at. */
import { AssayError } from '@assay/contract'
import { uploadFieldsSchema, type UploadResult } from '@assay/contract/api'
import { toProblem } from '../../problem.ts'
import type { Services } from '../../services.ts'
import type { Handlers, UploadedFile } from '../call.ts'
import { createFiles } from './file.ts'
import { onlyFile } from './only.ts'
import type { HandlerTools } from './tool.ts'

type ImageHandlers = Pick<
  Handlers,
  | 'listImages'
  | 'uploadImages'
  | 'changeImages'
  | 'readImage'
  | 'readImageFile'
  | 'readImageThumbnail'
  | 'writeImageMask'
>

export function createImageHandlers(services: Services, { newId }: HandlerTools): ImageHandlers {
  const { stores, pictures, blobs, log } = services
  const { image: images, product: products } = stores
  const files = createFiles(services)

  const addPicture = async (
    { name, staged, error }: UploadedFile,
    place: Omit<Parameters<typeof images.add>[0], 'id' | 'name' | 'sha256' | 'bytes' | 'width' | 'height'>,
  ) => {
    if (staged === null) throw error
    const { width, height } = await pictures.examine(staged.path, name)
    const { sha256, bytes, undo } = await staged.keep()
    try {
      return await images.add({ id: newId(), name, sha256, bytes, width, height, ...place })
    } catch (error) {
      await undo()
      throw error
    }
  }

  return {
    listImages: async ({ params, query }) => {
      await products.read(params.product)
      return images.list(params.product, query)
    },
    uploadImages: async ({ params: { product }, body, request }) => {
      const fields = uploadFieldsSchema.safeParse(body.fields)
      if (!fields.success) {
        const [issue] = fields.error.issues
        const where = `the field "${issue?.path.map(String).join('.') ?? ''}"`
        throw new AssayError('REQUEST_INVALID', { where, reason: issue?.message ?? '' })
      }
      await products.read(product)
      const items: UploadResult['items'] = []
      for (const file of body.files) {
        const { name } = file
        try {
          items.push({ name, ...(await addPicture(file, { product, ...fields.data })), error: null })
        } catch (error) {
          if (!(error instanceof AssayError))
            log.error('a picture was not kept', { request: request.id, error })
          items.push({ name, image: null, isDuplicate: false, error: toProblem(error, request.id) })
        }
      }
      return { items }
    },
    changeImages: async ({ params, body }) => ({ items: await images.change(params.product, body) }),
    readImage: async ({ params }) => images.read(params.image),
    readImageFile: async ({ params }) => files.picture((await images.read(params.image)).sha256),
    readImageThumbnail: async ({ params }) => files.thumbnail((await images.read(params.image)).sha256),
    writeImageMask: async ({ params, body }) => {
      const { staged, renameFault } = onlyFile(body)
      const { name, width, height } = await images.read(params.image)
      const png = await pictures.mask(staged.path, { name, width, height }).catch(renameFault)
      const { sha256 } = await blobs.put(png)
      return images.setMask(params.image, sha256)
    },
  }
}
