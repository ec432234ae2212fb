/** Writes rows into the embedded database of a folder, and says each one that is kept, until it is killed. */
import { uuidv7 } from 'uuidv7'
import { openDatabase } from '../database/index.ts'

const { db } = await openDatabase({ folder: process.argv[2] ?? '' })
for (;;) {
  const name = uuidv7()
  await db.insertInto('product').values({ id: uuidv7(), name, earlier_models: '[]' }).execute()
  process.stdout.write(`${name}\n`)
}
