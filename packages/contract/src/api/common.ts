/** What several messages of the API share: ids, pages of lists, faults. */
import { z } from 'zod'

/** UUID version 7: sorts by the time of its making. */
export const idSchema = z.uuid({ version: 'v7' })
export const timeSchema = z.iso.datetime({ offset: true }).describe('UTC')
export const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/)
/** A short human name: of a product, a token, a kind of defect. */
export const nameSchema = z
  .string()
  .trim()
  .min(1)
  .max(80)
  .regex(/^[^\p{Cc}/\\]+$/u, 'no slashes and no control characters')

/** Query of every list: newest first, from after `cursor`. */
export const pageQuerySchema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(500).default(100),
  cursor: z.string().max(200).optional().describe('`next` of the page before'),
})

/** A page of a list. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.strictObject({
    items: z.array(item),
    next: z.string().nullable().describe('cursor of the next page; null on the last'),
  })

/** What every failed request answers, as application/problem+json (RFC 9457). */
export const problemSchema = z.strictObject({
  type: z.string().describe('address of the page about this fault'),
  title: z.string().describe('what is wrong, with the value and the place'),
  status: z.int(),
  code: z.string().describe('of the table of errors'),
  hint: z.string().describe('what to do about it'),
  request: z.string().describe('id of the request, as in the log'),
})
export type Problem = z.infer<typeof problemSchema>
