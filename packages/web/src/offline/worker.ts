/**
 * Keeps the page on this machine: once loaded it works without a network, and with threads on every server.
 *
 * The build puts the list of its files in front of this code (see vite.config.ts), so that another build is
 * another service worker. Files come from the cache first; answers get the two headers that isolate a page,
 * without which there are no threads.
 */

/** What a service worker has and the library of pages does not describe. */
interface ServiceScope {
  /** Written by the build. */
  readonly assayFiles: readonly string[]
  readonly registration: { readonly scope: string }
  skipWaiting(): Promise<void>
  readonly clients: { claim(): Promise<void> }
  addEventListener(type: 'install' | 'activate', listener: (event: WaitingEvent) => void): void
  addEventListener(type: 'message', listener: (event: AskedEvent) => void): void
  addEventListener(type: 'fetch', listener: (event: FetchedEvent) => void): void
}

interface WaitingEvent {
  waitUntil(work: Promise<unknown>): void
}

interface AskedEvent extends WaitingEvent {
  readonly ports: readonly MessagePort[]
}

interface FetchedEvent {
  readonly request: Request
  respondWith(response: Promise<Response>): void
}

const scope = globalThis as unknown as ServiceScope
const prefix = 'assay-page-'
const cacheName = prefix + hashOf(scope.assayFiles.join(' '))

// At once, so that a page that is to be isolated is loaded again before anybody has begun to work in it.
scope.addEventListener('install', (event) => event.waitUntil(scope.skipWaiting()))
scope.addEventListener('activate', (event) => event.waitUntil(scope.clients.claim()))

// The page asks for its files to be kept; the answer is whether all of them are.
scope.addEventListener('message', (event) => {
  const [port] = event.ports
  const work = keep().then(
    () => port?.postMessage(true),
    () => port?.postMessage(false),
  )
  event.waitUntil(work)
})

async function keep(): Promise<void> {
  // What is only for WebGPU is large, and kept when it is first used.
  const wanted = scope.assayFiles.filter((name) => !/asyncify|webgpu/.test(name))
  const cache = await caches.open(cacheName)
  for (const name of wanted) if ((await cache.match(name)) === undefined) await cache.add(name)
  for (const name of await caches.keys())
    if (name.startsWith(prefix) && name !== cacheName) await caches.delete(name)
}

scope.addEventListener('fetch', (event) => {
  const { request } = event
  if (request.method === 'GET' && request.url.startsWith(scope.registration.scope))
    event.respondWith(answer(request))
})

async function answer(request: Request): Promise<Response> {
  const cache = await caches.open(cacheName)
  const kept = await cache.match(request, { ignoreSearch: true })
  if (kept !== undefined) return isolate(kept)
  const response = await fetch(request)
  const isOurs = scope.assayFiles.some((name) => new URL(name, scope.registration.scope).href === request.url)
  if (response.ok && isOurs) await cache.put(request, response.clone())
  return isolate(response)
}

function isolate(response: Response): Response {
  // Answers without a body that may be read, such as redirects, stay as they are.
  if (response.type !== 'basic' && response.type !== 'default') return response
  const headers = new Headers(response.headers)
  headers.set('Cross-Origin-Opener-Policy', 'same-origin')
  headers.set('Cross-Origin-Embedder-Policy', 'require-corp')
  headers.set('Cross-Origin-Resource-Policy', 'same-origin')
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers })
}

/** FNV-1a: tells builds apart, no more. */
function hashOf(text: string): string {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return (hash >>> 0).toString(16)
}
