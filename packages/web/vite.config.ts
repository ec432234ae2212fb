/** Serves and builds the demonstration page. */
import { defineConfig, type Plugin } from 'vite'

/** Threads in WebAssembly need a page that is isolated from other origins. */
const headers = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
}

const serviceWorker = 'service-worker.js'

/** Tells the service worker which files there are, and the page that there is a service worker. */
const offline: Plugin = {
  name: 'assay-offline',
  apply: 'build',
  enforce: 'post',
  transformIndexHtml: () => [
    { tag: 'link', attrs: { rel: 'offline', href: `./${serviceWorker}` }, injectTo: 'head' },
  ],
  generateBundle(_options, bundle) {
    const worker = bundle[serviceWorker]
    if (worker?.type !== 'chunk') throw new Error('internal: the build has no service worker')
    const files = Object.keys(bundle).filter((name) => name !== serviceWorker && name !== 'index.html')
    worker.code = `self.assayFiles=${JSON.stringify(['./', ...files.toSorted()])};\n${worker.code}`
  },
}

// wasm-vips looks functions up by eval; there is nothing to mend here.
const checks = { eval: false, pluginTimings: false }

export default defineConfig({
  base: './',
  server: { headers },
  preview: { headers },
  plugins: [offline],
  worker: { format: 'es', rolldownOptions: { checks } },
  build: {
    target: 'esnext',
    chunkSizeWarningLimit: 2000,
    rolldownOptions: {
      input: { index: 'index.html', 'service-worker': 'src/offline/worker.ts' },
      output: {
        entryFileNames: ({ name }) => (name === 'service-worker' ? serviceWorker : 'assets/[name]-[hash].js'),
      },
      checks,
    },
  },
  // Both find their WebAssembly beside themselves, which bundling them for development would break.
  optimizeDeps: { exclude: ['onnxruntime-web', 'wasm-vips'] },
})
