/** What connects a line, who may come in, and what was done. */
import { useState } from 'preact/hooks'
import { addressOf } from '../../client/request.ts'
import { Icon } from '../../part/icon.tsx'
import { Tabs } from '../../part/tabs.tsx'
import { may } from '../../state/session.ts'
import { Audit } from './audit.tsx'
import { Hooks } from './hooks.tsx'
import { Tokens } from './tokens.tsx'
import { Watches } from './watches.tsx'

type Tab = 'line' | 'access' | 'audit'

export function Settings() {
  const [tab, setTab] = useState<Tab>('line')
  const isAdmin = may('admin')
  const tabs: readonly { readonly name: Tab; readonly text: string }[] = [
    { name: 'line', text: 'Line' },
    ...(isAdmin
      ? ([
          { name: 'access', text: 'Access' },
          { name: 'audit', text: 'What was done' },
        ] as const)
      : []),
  ]
  return (
    <div class="screen">
      <header class="screen-head">
        <h1>Line and settings</h1>
        <div class="tools">
          {isAdmin && (
            <a class="button" href={addressOf('backup', {})} download>
              <Icon name="download" />
              Back everything up
            </a>
          )}
        </div>
      </header>
      <div class="bar">
        <Tabs label="Settings" tabs={tabs} selected={tab} onSelect={setTab} />
      </div>
      <div class="scroll stack" tabIndex={0} role="group" aria-label="Settings">
        {tab === 'line' &&
          (may('engineer') ? (
            <>
              <Watches canEdit={isAdmin} />
              <Hooks canEdit={isAdmin} />
            </>
          ) : (
            <p class="soft">An engineer or an admin sees here what connects the line.</p>
          ))}
        {tab === 'access' && <Tokens />}
        {tab === 'audit' && <Audit />}
      </div>
    </div>
  )
}
