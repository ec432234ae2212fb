/** A worker in a process of its own, to be killed: address, folder of blobs, folder of work, lease in milliseconds. */
import { openFolderBlobs } from '../blob/index.ts'
import { openDatabase } from '../database/index.ts'
import { createLog } from '../log.ts'
import { openDelivery } from '../queue/index.ts'
import { startWorker } from '../worker/index.ts'

const [url = '', blobs = '', work = '', lease = ''] = process.argv.slice(2)
const database = await openDatabase({ url })
const log = createLog({ write: (line) => void process.stderr.write(line) })
await startWorker({
  database,
  delivery: await openDelivery(database, (error) => log.error('the queue failed', { error })),
  blobs: openFolderBlobs({ folder: blobs, scratch: `${work}/scratch` }),
  log,
  folder: work,
  parallel: 1,
  threads: 1,
  leaseMs: Number(lease),
})
process.send?.('ready')
