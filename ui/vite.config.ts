// One page for every window. Workers are files of the same origin, and nothing is inlined as data:, so that
// the content security policy needs neither 'unsafe-eval' nor data: fonts.
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

const editorApi = 'monaco-editor/editor/editor.api.js'

export default defineConfig({
  plugins: [react()],
  base: './',
  resolve: {
    alias: [
      // monaco-vim and monaco-emacs import paths that monaco-editor ≥ 0.56 does not serve, or all of Monaco.
      { find: /^monaco-editor\/esm\/vs\/(.+?)(\.js)?$/, replacement: 'monaco-editor/$1.js' },
      { find: /^monaco-editor$/, replacement: editorApi },
    ],
  },
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 4500,
    modulePreload: { polyfill: false },
  },
  worker: { format: 'es' },
  server: { port: 5173, strictPort: true },
  test: { environment: 'happy-dom', include: ['src/**/*.test.{ts,tsx}'], restoreMocks: true, server: { deps: { inline: ['monaco-editor'] } } },
})
