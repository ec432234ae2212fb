/** Who is signed in. Undefined until the server has said. */
import { signal } from '@preact/signals'
import { roleNames, type Role } from '@assay/contract/api'
import { call, listenForSignOut, setSecret } from '../client/request.ts'
import { Fault } from '../client/fault.ts'

export interface Session {
  readonly name: string
  readonly role: Role
}

export const session = signal<Session | null | undefined>(undefined)

listenForSignOut(() => {
  setSecret(null)
  session.value = null
})

/**
 * At the start: by the cookie, or by the token in the address of the sign-in link, which is then taken away. Waits for
 * a studio that does not answer yet.
 */
export async function restoreSession(): Promise<void> {
  for (;;) {
    try {
      return await askWho()
    } catch (error) {
      if (!(error instanceof Fault) || error.status !== 0) throw error
    }
  }
}

async function askWho(): Promise<void> {
  const token = location.pathname === '/sign-in' ? decodeURIComponent(location.hash.slice(1)) : ''
  if (token !== '') {
    try {
      const granted = await open(token)
      history.replaceState(null, '', '/sign-in')
      session.value = granted
      return
    } catch (error) {
      if (!(error instanceof Fault) || error.status === 0) throw error
      history.replaceState(null, '', '/sign-in')
    }
  }
  try {
    const { name, role, csrf } = await call('readSession', {})
    setSecret(csrf)
    session.value = { name, role }
  } catch (error) {
    if (error instanceof Fault && error.status === 401) session.value = null
    else throw error
  }
}

/** Throws the fault of a token that is not valid. */
export async function signIn(token: string): Promise<void> {
  session.value = await open(token)
}

async function open(token: string): Promise<Session> {
  const { name, role, csrf } = await call('openSession', { body: { token } })
  setSecret(csrf)
  return { name, role }
}

export async function signOut(): Promise<void> {
  await call('closeSession', {})
  setSecret(null)
  session.value = null
}

/** Whether who is signed in may do what needs `role`. */
export function may(role: Role): boolean {
  const own = session.value?.role
  return own !== undefined && roleNames.indexOf(own) >= roleNames.indexOf(role)
}
