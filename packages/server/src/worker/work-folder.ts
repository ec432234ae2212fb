/**
 * Where the attempts of a job work: `<work>/<job>/<attempt>`. A new attempt takes over what the one before has done
 * by renaming its folder, so that a process of that one which still runs writes into nothing.
 */
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { idSchema } from '@assay/contract/api'
import type { Lease, LeaseStore } from '../store/lease.ts'

export interface WorkFolders {
  /** Of the job. */
  readonly folder: string
  /** Of the attempt, with what the last one on this machine has left. */
  readonly work: string
}

export async function openWorkFolders(root: string, { job, attempt }: Lease): Promise<WorkFolders> {
  const folder = join(root, job)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const work = join(folder, String(attempt))
  const earlier = (await readdir(folder)).filter((name) => /^\d+$/.test(name)).map(Number)
  const last = Math.max(...earlier)
  if (earlier.length > 0 && last < attempt) await rename(join(folder, String(last)), work)
  await mkdir(work, { recursive: true, mode: 0o700 })
  return { folder, work }
}

export async function removeWorkFolders(root: string, job: string): Promise<void> {
  await rm(join(root, job), { recursive: true, force: true })
}

/** So long can a job that failed or was cancelled be begun again from where it was. */
const keptDays = 30

/** Removes the folders of jobs that nobody can go on with. */
export async function sweepWorkFolders(root: string, leases: Pick<LeaseStore, 'mayGoOn'>): Promise<void> {
  const jobs = (await readdir(root).catch(() => [])).filter((name) => idSchema.safeParse(name).success)
  const kept = await leases.mayGoOn(jobs, keptDays)
  for (const job of jobs) if (!kept.has(job)) await removeWorkFolders(root, job)
}
