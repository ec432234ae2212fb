/** Who may come in. A token is shown once, when it is made. */
import { roleNames, type Role } from '@assay/contract/api'
import { useState } from 'preact/hooks'
import { call } from '../../client/request.ts'
import { Dialog } from '../../part/dialog.tsx'
import { FaultNote } from '../../part/notice.tsx'
import { formatTime } from '../../part/number.ts'
import { useLoad } from '../../state/load.ts'
import { attempt, tell } from '../../state/toast.ts'

const roleHints: Readonly<Record<Role, string>> = {
  operator: 'inspects and reviews',
  engineer: 'also pictures, jobs and models',
  admin: 'also tokens and the line',
}

export function Tokens() {
  const list = useLoad('tokens', (signal) => call('listTokens', { signal }))
  const [name, setName] = useState('')
  const [role, setRole] = useState<Role>('operator')
  const [days, setDays] = useState('')
  const [made, setMade] = useState<string | null>(null)
  const make = async (event: Event): Promise<void> => {
    event.preventDefault()
    const { token } = await call('createToken', {
      body: { name, role, ...(days === '' ? {} : { days: Number(days) }) },
    })
    setName('')
    setMade(token)
    list.reload()
  }
  const revoke = async (token: string): Promise<void> => {
    await call('revokeToken', { token })
    list.reload()
    tell('The token is no longer valid, and its sessions have ended.')
  }
  return (
    <section class="pane stack" aria-label="Tokens">
      <h2>Tokens</h2>
      {list.fault !== null && <FaultNote fault={list.fault} onRetry={list.reload} />}
      <table class="table">
        <thead>
          <tr>
            <th>Name</th>
            <th>Role</th>
            <th>Made</th>
            <th>Last used</th>
            <th>Valid</th>
            <th />
          </tr>
        </thead>
        <tbody>
          {(list.data?.items ?? []).map((token) => (
            <tr key={token.id}>
              <td>{token.name}</td>
              <td>{token.role}</td>
              <td class="soft">{formatTime(token.createdAt)}</td>
              <td class="soft">{token.lastUsedAt === null ? 'never' : formatTime(token.lastUsedAt)}</td>
              <td>
                {token.revokedAt !== null
                  ? 'ended'
                  : token.expiresAt === null
                    ? 'always'
                    : `until ${formatTime(token.expiresAt)}`}
              </td>
              <td class="actions">
                {token.revokedAt === null && (
                  <button type="button" onClick={() => void attempt(() => revoke(token.id))}>
                    End it
                  </button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <form class="row" onSubmit={(event) => void attempt(() => make(event))}>
        <label class="field grow">
          Name
          <input
            type="text"
            required
            maxLength={80}
            value={name}
            onInput={({ currentTarget }) => setName(currentTarget.value)}
          />
        </label>
        <label class="field">
          Role
          <select
            value={role}
            onChange={({ currentTarget: { value } }) =>
              setRole(roleNames.find((known) => known === value) ?? 'operator')
            }
          >
            {roleNames.map((known) => (
              <option key={known} value={known}>
                {known}: {roleHints[known]}
              </option>
            ))}
          </select>
        </label>
        <label class="field">
          Days
          <input
            type="number"
            min="1"
            max="3650"
            placeholder="always"
            value={days}
            onInput={({ currentTarget }) => setDays(currentTarget.value)}
          />
        </label>
        <button type="submit" disabled={name.trim() === ''}>
          Make a token
        </button>
      </form>
      {made !== null && (
        <Dialog title="The new token" onClose={() => setMade(null)}>
          <p>It is shown only now. Give it to whoever is to use it.</p>
          <input
            type="text"
            readOnly
            aria-label="Token"
            value={made}
            onFocus={({ currentTarget }) => currentTarget.select()}
          />
        </Dialog>
      )}
    </section>
  )
}
