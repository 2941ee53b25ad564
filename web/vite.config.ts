import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** The page stands at the root of its server. Names of assets carry a hash of their content, except those that others know. */
export default defineConfig({
  root: at('.'),
  base: '/',
  build: {
    outDir: at('../dist/web'),
    emptyOutDir: true,
    target: ['chrome105', 'firefox110', 'safari16.4'],
    // The page's Content-Security-Policy allows neither data: URLs nor scripts in the page.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The page without SIP.js is 60 kB; SIP.js is one file.
    chunkSizeWarningLimit: 700,
    rollupOptions: {
      input: { index: at('index.html'), worker: at('src/worker.ts') },
      output: { entryFileNames: ({ name }) => (name === 'worker' ? 'worker.js' : 'assets/[name]-[hash].js') },
    },
  },
})
