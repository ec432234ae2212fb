/** Several binarisers as one: a pixel is anomalous if any of them says so. */
import type { BinariserDefinition, Sight } from './binariser.ts'

/** Options and states are lists in the order of `members`. It has seen what its members have seen. */
export function uniteBinarisers(
  members: readonly BinariserDefinition[],
): BinariserDefinition<readonly unknown[], readonly unknown[]> {
  return {
    id: members.map(({ id }) => id).join('+'),
    sees: members.map(({ sees }) => sees).reduce(widerSight, 'nothing'),
    defaults: members.map(({ defaults }) => defaults),
    startFit: (options) => {
      const fits = members.map((member, i) => member.startFit?.(options[i]))
      return {
        add: (map) => fits.forEach((fit) => fit?.add(map)),
        finish: () => fits.map((fit) => fit?.finish() ?? null),
      }
    },
    binarise: (map, states, options) => {
      const united = new Uint8Array(map.values.length)
      for (const [m, member] of members.entries()) {
        const mask = member.binarise(map, states[m], options[m])
        for (let i = 0; i < mask.length; i++) if (mask[i] !== 0) united[i] = 255
      }
      return united
    },
  }
}

function widerSight(a: Sight, b: Sight): Sight {
  const order: readonly Sight[] = ['nothing', 'good', 'test']
  return order.indexOf(a) > order.indexOf(b) ? a : b
}
