// Vim and Emacs keys, loaded when somebody asks for them. Both packages are MIT.
import type { EditorSettings } from './editorSettings'
import type { monaco } from './monaco'

/** What `:w` and `:q` do. */
export type KeyCommands = { save: () => void; close: () => void }

/** Gives an editor the keys of Vim or Emacs until disposed of. `status` shows modes, pending keys and `:` lines. */
export async function startKeys(
  keys: Exclude<EditorSettings['keys'], 'default'>,
  editor: monaco.editor.IStandaloneCodeEditor,
  status: HTMLElement,
  commands: KeyCommands,
): Promise<monaco.IDisposable> {
  if (keys === 'vim') {
    const { initVimMode, VimMode } = await import('monaco-vim')
    // The package's types leave out the static object on which Ex commands are defined.
    const { Vim } = VimMode as unknown as { Vim: { defineEx: (name: string, prefix: string, run: () => void) => void } }
    Vim.defineEx('write', 'w', commands.save)
    Vim.defineEx('quit', 'q', commands.close)
    Vim.defineEx('wq', 'wq', () => {
      commands.save()
      commands.close()
    })
    const mode = initVimMode(editor, status)
    return { dispose: () => mode.dispose() }
  }
  const { EmacsExtension } = await import('monaco-emacs')
  const extension = new EmacsExtension(editor)
  const shown = extension.onDidChangeKey((text: string) => {
    status.textContent = text
  })
  extension.start()
  return {
    dispose: () => {
      shown.dispose()
      extension.dispose()
      status.textContent = ''
    },
  }
}
