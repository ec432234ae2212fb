/** The page of the studio. */
import { render } from 'preact'
import { App } from './app.tsx'
import { listenForHotkeys } from './state/hotkey.ts'
import { restoreSession } from './state/session.ts'
import { followTheme } from './state/theme.ts'
import { attempt } from './state/toast.ts'

const root = document.querySelector('#page')
if (root === null) throw new Error('internal: the document has no place for the page')
followTheme()
listenForHotkeys()
void attempt(restoreSession)
render(<App />, root)
