/** A verdict as a sign, a word and a colour; never as a colour alone. */
import { Icon } from './icon.tsx'

const words = { good: 'Good', defect: 'Defect', unsure: 'Unsure' } as const

interface VerdictProps {
  /** Null for a picture that could not be judged. */
  readonly verdict: keyof typeof words | null
  readonly isSmall?: boolean
}

export function Verdict({ verdict, isSmall = false }: VerdictProps) {
  const size = isSmall ? 12 : 16
  if (verdict === null) return <span class={`verdict failed ${isSmall ? 'small' : ''}`}>Not judged</span>
  return (
    <span class={`verdict ${verdict} ${isSmall ? 'small' : ''}`}>
      <Icon name={verdict} size={size} />
      {words[verdict]}
    </span>
  )
}
