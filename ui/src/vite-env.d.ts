/// <reference types="vite/client" />

/** Monaco's services, which its types leave out: known before the first text is made, they take the place of its own. */
declare module 'monaco-editor/editor/standalone/browser/standaloneServices.js' {
  export const StandaloneServices: { initialize(services: Record<string, unknown>): void }
}
