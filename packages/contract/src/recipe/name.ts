/** The names that a recipe is chosen by. */
import { z } from 'zod'

export const methodNames = ['cras', 'patchcore', 'robis', 'padim'] as const
export const methodNameSchema = z.enum(methodNames)
export type MethodName = z.infer<typeof methodNameSchema>

export const profileNames = ['fast', 'balanced', 'accurate'] as const
export const profileSchema = z.enum(profileNames)
export type ProfileName = z.infer<typeof profileSchema>
