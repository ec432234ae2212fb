/** Who may do what: tokens with roles, the session of a browser, and the log of what was done. */
import { z } from 'zod'
import { idSchema, nameSchema, pageQuerySchema, timeSchema } from './common.ts'

/** Each role may do what those before it may. */
export const roleNames = ['operator', 'engineer', 'admin'] as const
export const roleSchema = z
  .enum(roleNames)
  .describe(
    'operator: inspects and reviews; engineer: also pictures, jobs, models; admin: also tokens and the line',
  )
export type Role = z.infer<typeof roleSchema>

export const tokenSchema = z.strictObject({
  id: idSchema,
  name: nameSchema,
  role: roleSchema,
  createdAt: timeSchema,
  expiresAt: timeSchema.nullable(),
  revokedAt: timeSchema.nullable(),
  lastUsedAt: timeSchema.nullable(),
})
export const tokenCreateSchema = z.strictObject({
  name: nameSchema,
  role: roleSchema,
  days: z.int().min(1).max(3650).optional().describe('until it expires'),
})
/** The only answer that holds the token itself: the store knows a hash of it. */
export const tokenCreatedSchema = tokenSchema.extend({ token: z.string() })

export const sessionCreateSchema = z.strictObject({ token: z.string().min(16).max(200) })
export const sessionSchema = z.strictObject({
  name: nameSchema,
  role: roleSchema,
  csrf: z.string().describe('goes into the header x-assay-csrf of every request that changes something'),
  expiresAt: timeSchema,
})
export type ApiSession = z.infer<typeof sessionSchema>

export const auditSchema = z.strictObject({
  id: idSchema,
  at: timeSchema,
  by: z.string(),
  action: z.string().describe('name of the route'),
  subject: z.string().nullable().describe('id of what was changed'),
  detail: z.record(z.string(), z.unknown()),
})
export const auditQuerySchema = pageQuerySchema.extend({ action: z.string().max(80).optional() })
