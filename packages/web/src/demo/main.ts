/** The demonstration page: what the trainer has trained opens in the inspector. */
import { defineElements, type AssayInspector, type TrainedModel } from '../index.ts'
import { keepOffline } from '../offline/register.ts'

defineElements()

document.addEventListener('assay-trained', (event) => {
  // The trainer's own event.
  const { bytes, name } = (event as CustomEvent<TrainedModel>).detail
  const inspector = document.querySelector<AssayInspector>('assay-inspector')
  // What goes wrong is shown there.
  inspector?.open(bytes, name).catch(() => undefined)
})

// The development server has no such file; the built page has.
const offline = document.querySelector<HTMLLinkElement>('link[rel="offline"]')
if (offline !== null)
  void keepOffline(offline.href).then((isKept) =>
    document.documentElement.toggleAttribute('data-offline', isKept),
  )
