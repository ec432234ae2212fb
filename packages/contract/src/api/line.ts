/** What connects a production line without code: watched folders in, webhooks and MQTT out. */
import { z } from 'zod'
import { idSchema, timeSchema } from './common.ts'

export const watchSchema = z.strictObject({
  id: idSchema,
  product: idSchema,
  folder: z.string().describe('below one of the folders that the server was started with'),
  isRunning: z.boolean(),
  seen: z.int(),
  lastError: z.string().nullable(),
  createdAt: timeSchema,
})
export const watchCreateSchema = z.strictObject({ product: idSchema, folder: z.string().min(1).max(1000) })

/** Targets are named by the server's own configuration; nobody gives an address through the API. */
export const targetSchema = z.strictObject({
  name: z.string(),
  kind: z.enum(['webhook', 'mqtt']),
  isReachable: z.boolean().nullable().describe('as of the last message; null before one'),
})
export const hookSchema = z.strictObject({
  id: idSchema,
  product: idSchema,
  target: z.string().describe('name of a target'),
  on: z.enum(['every', 'defect', 'unsure-or-defect']),
  sent: z.int(),
  waiting: z.int(),
  lastError: z.string().nullable(),
  createdAt: timeSchema,
})
export const hookCreateSchema = hookSchema.pick({ product: true, target: true, on: true })
