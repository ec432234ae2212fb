/** Installs the service worker of the built page and lets it isolate the page where the server does not. */

const reloaded = 'assay-reloaded'

/** Whether the page can now be loaded without a network. */
export async function keepOffline(address: string): Promise<boolean> {
  if (!('serviceWorker' in navigator)) return false
  await navigator.serviceWorker.register(address)
  const { active } = await navigator.serviceWorker.ready
  // The headers come with the next load; once is enough, whatever the reason that it did not help.
  if (!crossOriginIsolated && sessionStorage.getItem(reloaded) === null) {
    sessionStorage.setItem(reloaded, 'yes')
    location.reload()
    return false
  }
  const { port1, port2 } = new MessageChannel()
  const answer = new Promise<boolean>((resolve) => {
    port1.addEventListener('message', ({ data }: MessageEvent<boolean>) => resolve(data))
    port1.start()
  })
  active?.postMessage('keep', [port2])
  return answer
}
