/** Signing in with a token; the link that the studio prints does it by itself. */
import { useState } from 'preact/hooks'
import { toFault, type Fault } from '../client/fault.ts'
import { FaultNote } from '../part/notice.tsx'
import { signIn } from '../state/session.ts'

export function SignIn() {
  const [token, setToken] = useState('')
  const [fault, setFault] = useState<Fault | null>(null)
  const [isBusy, setIsBusy] = useState(false)
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault()
    setIsBusy(true)
    try {
      await signIn(token.trim())
    } catch (error) {
      setFault(toFault(error))
    }
    setIsBusy(false)
  }
  return (
    <main class="sign-in">
      <form class="card" onSubmit={(event) => void submit(event)}>
        <span class="brand-mark" aria-hidden="true" />
        <h1>Assay Studio</h1>
        <p class="soft">
          Open the sign-in link that <code>assay studio</code> printed when it started, or paste a token.
        </p>
        {fault !== null && <FaultNote fault={fault} />}
        <label class="field">
          Token
          <input
            type="password"
            autoComplete="current-password"
            spellcheck={false}
            value={token}
            onInput={({ currentTarget }) => setToken(currentTarget.value)}
          />
        </label>
        <button type="submit" class="primary" disabled={isBusy || token.trim().length < 16}>
          Sign in
        </button>
      </form>
    </main>
  )
}
