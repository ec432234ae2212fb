/** All keys of the screen that is shown. */
import { hotkeys } from '../state/hotkey.ts'
import { Dialog } from './dialog.tsx'

const words: Readonly<Record<string, string>> = {
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
  Delete: 'Del',
  ' ': 'Space',
}

export function KeyHelp({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Keys" onClose={onClose}>
      {hotkeys.value.map((layer, i) => (
        <dl key={i} class="keys">
          {layer.map(({ key, does }) => (
            <div key={key}>
              <dt>
                <kbd>{words[key] ?? key.toUpperCase()}</kbd>
              </dt>
              <dd>{does}</dd>
            </div>
          ))}
        </dl>
      ))}
      <dl class="keys">
        <div>
          <dt>
            <kbd>Wheel</kbd>
          </dt>
          <dd>Zoom a picture; drag moves it, a double click zooms in or out</dd>
        </div>
      </dl>
    </Dialog>
  )
}
