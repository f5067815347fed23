// One page for every window. Workers are files of the same origin, and nothing is inlined as data:, so that
// the content security policy needs neither 'unsafe-eval' nor data: fonts.
import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'

const editorApi = 'monaco-editor/editor/editor.api.js'

/** Parts that Monaco's core always brings along and that Quire never shows: its quick input (the command palette
    is ours), the view of many diffs at once, the experimental renderer on the GPU (an option that is off). */
function withoutUnusedMonaco(): Plugin {
  const replacements: Readonly<Record<string, string>> = {
    'standalone/browser/quickInput/standaloneQuickInputService.js':
      'export class StandaloneQuickInputService { quickAccess = { show() {} }; async pick() {} async input() {} async cancel() {} }',
    'browser/gpu/viewGpuContext.js': 'export class ViewGpuContext {}',
    'viewParts/viewLinesGpu/viewLinesGpu.js': 'export class ViewLinesGpu {}',
    'viewParts/rulersGpu/rulersGpu.js': 'export class RulersGpu {}',
    'browser/widget/multiDiffEditor/multiDiffEditorWidget.js': 'export class MultiDiffEditorWidget {}',
  }
  return {
    name: 'without-unused-monaco',
    enforce: 'pre',
    load(id) {
      if (!id.includes('monaco-editor')) return null
      const match = Object.keys(replacements).find((end) => id.endsWith(end))
      return match === undefined ? null : (replacements[match] ?? null)
    },
  }
}

/** The workspace is fetched while the project is asked for, and run when both are there. */
function preloadWorkspace(): Plugin {
  return {
    name: 'preload-workspace',
    transformIndexHtml: {
      order: 'post',
      handler: (_html, { bundle }) => {
        const chunks = Object.values(bundle ?? {}).filter((part) => part.type === 'chunk' && part.name === 'Workspace')
        return chunks.map(({ fileName }) => ({ tag: 'link', attrs: { rel: 'modulepreload', crossorigin: true, href: `./${fileName}` }, injectTo: 'head' as const }))
      },
    },
  }
}

export default defineConfig({
  plugins: [withoutUnusedMonaco(), preloadWorkspace(), react()],
  base: './',
  resolve: {
    alias: [
      // monaco-vim and monaco-emacs import paths that monaco-editor ≥ 0.56 does not serve, or all of Monaco.
      { find: /^monaco-editor\/esm\/vs\/(.+?)(\.js)?$/, replacement: 'monaco-editor/$1.js' },
      { find: /^monaco-editor$/, replacement: editorApi },
      // Monaco's API names two editors that no window opens.
      { find: /^\.\.?\/.*\/?(?:diffEditorWidget|multiDiffEditorWidget|linesDiffComputers)\.js$/, replacement: fileURLToPath(new URL('src/features/editor/noDiffEditor.ts', import.meta.url)) },
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
