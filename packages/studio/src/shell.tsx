/** What stands around every screen: the products, the screens of one, the jobs, who is signed in. */
import type { ComponentChildren } from 'preact'
import { useLocation } from 'preact-iso'
import { useState } from 'preact/hooks'
import { isConnected } from './client/connection.ts'
import { Icon, type IconName } from './part/icon.tsx'
import { KeyHelp } from './part/key-help.tsx'
import { useHotkeys } from './state/hotkey.ts'
import { isUnfinished, jobsOf, jobWords } from './state/job.ts'
import { productOf, products } from './state/product.ts'
import { session, signOut } from './state/session.ts'
import { nextTheme, theme } from './state/theme.ts'
import { attempt, undoLast } from './state/toast.ts'

const screens: readonly { readonly path: string; readonly text: string; readonly icon: IconName }[] = [
  { path: '', text: 'Pictures', icon: 'picture' },
  { path: '/train', text: 'Train', icon: 'train' },
  { path: '/decide', text: 'Decide', icon: 'decide' },
  { path: '/inspect', text: 'Inspect', icon: 'inspect' },
  { path: '/review', text: 'Review', icon: 'review' },
  { path: '/history', text: 'History', icon: 'history' },
  { path: '/models', text: 'Models', icon: 'model' },
  { path: '/measure', text: 'Measure', icon: 'measure' },
]

export function Shell({ children }: { children: ComponentChildren }) {
  const { path, route } = useLocation()
  const [hasHelp, setHasHelp] = useState(false)
  const product = /^\/product\/([^/]+)/.exec(path)?.[1] ?? null
  const own = product === null ? '' : `/product/${product}`
  useHotkeys([
    { key: '?', does: 'Show all keys', run: () => setHasHelp(true) },
    { key: 'z', does: 'Undo the last change', run: () => void undoLast() },
    ...(product === null
      ? []
      : screens.map((screen, i) => ({
          key: String(i + 1),
          does: `Go to ${screen.text}`,
          run: () => route(own + screen.path),
        }))),
  ])
  const unfinished = jobsOf().filter(isUnfinished)
  const [running] = unfinished.filter(({ status }) => status === 'running')
  return (
    <div class="shell">
      <a class="skip" href="#screen">
        Skip to the screen
      </a>
      <nav class="side" aria-label="Studio">
        <a class="brand" href="/">
          <span class="brand-mark" aria-hidden="true" />
          <span>Assay Studio</span>
        </a>
        {product !== null && (
          <>
            <label class="product-pick">
              <span class="visually-hidden">Product</span>
              <select
                value={product}
                onChange={({ currentTarget }) => route(`/product/${currentTarget.value}`)}
              >
                {(products.value ?? []).map(({ id, name }) => (
                  <option key={id} value={id}>
                    {name}
                  </option>
                ))}
              </select>
            </label>
            <ul>
              {screens.map((screen, i) => (
                <li key={screen.path}>
                  <a
                    href={own + screen.path}
                    title={`${screen.text} (${i + 1})`}
                    aria-current={path === own + screen.path ? 'page' : undefined}
                  >
                    <Icon name={screen.icon} />
                    <span>{screen.text}</span>
                  </a>
                </li>
              ))}
            </ul>
          </>
        )}
        {product === null && (
          <ul class="product-links" aria-label="Products">
            {(products.value ?? []).map(({ id, name }) => (
              <li key={id}>
                <a href={`/product/${id}`} title={name}>
                  <Icon name="picture" />
                  <span>{name}</span>
                </a>
              </li>
            ))}
          </ul>
        )}
        <div class="side-foot">
          {running !== undefined && (
            <a class="side-job" href={`/product/${running.product}/train`}>
              <span>
                {jobWords[running.request.kind]} · {productOf(running.product)?.name}
                {unfinished.length > 1 && ` · ${unfinished.length - 1} more`}
              </span>
              <progress value={running.progress} aria-label="Progress of the running job" />
            </a>
          )}
          <a
            href="/settings"
            title="Line and settings"
            aria-current={path === '/settings' ? 'page' : undefined}
          >
            <Icon name="settings" />
            <span>Line and settings</span>
          </a>
          <div class="side-tools">
            <button
              type="button"
              class="plain"
              title="All keys (?)"
              aria-label="All keys"
              onClick={() => setHasHelp(true)}
            >
              <Icon name="help" />
            </button>
            <button
              type="button"
              class="plain"
              title={`Colours: ${theme.value}`}
              aria-label={`Colours: ${theme.value}. Change`}
              onClick={nextTheme}
            >
              <Icon name="theme" />
            </button>
            <button
              type="button"
              class="plain"
              title="Sign out"
              aria-label="Sign out"
              onClick={() => void attempt(signOut)}
            >
              <Icon name="out" />
            </button>
            <span class="who">
              {session.value?.name}
              <small>{session.value?.role}</small>
            </span>
          </div>
        </div>
      </nav>
      <main id="screen" tabIndex={-1}>
        {!isConnected.value && (
          <div class="lost" role="status">
            <span class="spinner" aria-hidden="true" />
            The studio does not answer. This page goes on by itself when it is back.
          </div>
        )}
        {children}
      </main>
      {hasHelp && <KeyHelp onClose={() => setHasHelp(false)} />}
    </div>
  )
}
