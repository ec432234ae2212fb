/** Serves and builds the page of the studio. In development the API is that of a studio on its usual port. */
import { preact } from '@preact/preset-vite'
import { defineConfig } from 'vite'

const studio = process.env['ASSAY_STUDIO'] ?? 'http://127.0.0.1:4600'

export default defineConfig({
  plugins: [preact()],
  server: { proxy: { '/api': { target: studio } } },
  build: {
    target: 'esnext',
    // Everything is a file of its own: the policy of the page allows nothing written into it.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { checks: { pluginTimings: false } },
  },
})
