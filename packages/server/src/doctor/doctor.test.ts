import { createTestFolder } from '@assay/core/testing/folder'
import { readdir } from 'node:fs/promises'
import { uuidv7 } from 'uuidv7'
import { expect, test } from 'vitest'
import { openFolderBlobs } from '../blob/index.ts'
import { openDatabase } from '../database/index.ts'
import { silentLog } from '../log.ts'
import { createStores } from '../store/index.ts'
import { addMaterial } from '../testing/job.ts'
import { synthesiseTaskImages } from '../testing/material.ts'
import { createDoctor } from './doctor.ts'

test('the doctor measures each picture once and says what a training would make of them', async () => {
  await using folder = await createTestFolder()
  await using database = await openDatabase({ folder: folder.at('data') })
  const blobs = openFolderBlobs({ folder: folder.at('blobs'), scratch: folder.at('scratch') })
  const stores = createStores(database.db)
  const product = uuidv7()
  await stores.product.create(product, 'metal')
  const images = await synthesiseTaskImages(folder.at('parts'))
  await addMaterial(stores, blobs, product, images)
  const cache = folder.at('cache')
  const doctor = createDoctor({ database, blobs, log: silentLog, folder: cache, maxPixels: 1e6, threads: 1 })
  expect(await doctor.understand(product)).toMatchObject({
    training: 11,
    heldOut: 1,
    testGood: 2,
    testDefect: { scratch: 2 },
    masks: 2,
    sizes: [{ width: 128, height: 128, images: 16 }],
    canTrain: true,
  })
  const found = await doctor.examine(product)
  expect(found.filter(({ kind }) => kind === 'duplicate' || kind === 'size')).toEqual([])
  expect(await readdir(folder.at('cache/doctor'))).toHaveLength(images.length)
  await expect(doctor.examine(uuidv7())).rejects.toMatchObject({ code: 'NOT_FOUND' })
})
