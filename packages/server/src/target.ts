/** The file of targets: where messages about inspections may go. Nobody gives an address through the API. */
import { AssayError } from '@assay/contract'
import { z } from 'zod'
import type { Target } from './config.ts'

const name = z.string().min(1).max(80)

const targetSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    name,
    kind: z.literal('webhook'),
    url: z.url({ protocol: /^https?$/ }),
    secret: z.string().min(16),
  }),
  z.strictObject({
    name,
    kind: z.literal('mqtt'),
    url: z.url({ protocol: /^(?:mqtts?|wss?)$/ }),
    topic: z
      .string()
      .min(1)
      .regex(/^[^#+\0]+$/, 'a topic without wildcards'),
  }),
])

/** Reads parsed JSON; `path` is what errors call the file. Throws OPTION_INVALID. */
export function parseTargets(value: unknown, path: string): readonly Target[] {
  const refuse = (reason: string): never => {
    throw new AssayError('OPTION_INVALID', { option: '--targets', value: path, reason })
  }
  const found = z.array(targetSchema).safeParse(value)
  if (!found.success) {
    const [issue] = found.error.issues
    return refuse(`at ${issue?.path.map(String).join('.') ?? ''}: ${issue?.message ?? ''}`)
  }
  const names = found.data.map((target) => target.name)
  const twice = names.find((name, i) => names.indexOf(name) < i)
  return twice === undefined ? found.data : refuse(`there are two called "${twice}"`)
}
