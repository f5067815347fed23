// Vim and Emacs keys, loaded when somebody asks for them. Both packages are MIT.
import type { EditorSettings } from './editorSettings'
import type { monaco } from './monaco'

/** What `:w` and `:q` do, and `M-x` and `C-x C-f`. */
export type KeyCommands = { save: () => void; close: () => void; commands: () => void; files: () => void }

/** Where undo begins and ends; see TextBinding. */
export type UndoSteps = { endStep: () => void; holdStep: (isNew: boolean) => void }

/** The keys that an editor with Emacs keys shows as begun. Its commands are known by name, not by editor. */
let forgetKeys = () => {}

/** Gives an editor the keys of Vim or Emacs until disposed of. `status` shows modes, pending keys and `:` lines. */
export async function startKeys(
  keys: Exclude<EditorSettings['keys'], 'default'>,
  editor: monaco.editor.IStandaloneCodeEditor,
  status: HTMLElement,
  commands: KeyCommands,
  steps: UndoSteps,
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
    const grouping = groupInsertions(editor, mode as unknown as VimEvents, steps)
    return {
      dispose: () => {
        grouping.dispose()
        mode.dispose()
      },
    }
  }
  const { EmacsExtension, registerGlobalCommand } = await import('monaco-emacs')
  const command = (key: string, description: string, run: () => void) =>
    registerGlobalCommand(key, {
      description,
      run: () => {
        run()
        // The extension tells of keys that are pressed, not that they have done their work.
        setTimeout(forgetKeys)
      },
    })
  command('C-x C-s', 'save', commands.save)
  command('C-x k', 'close this file', commands.close)
  command('C-x C-f', 'go to a file', commands.files)
  command('C-x b', 'go to a file', commands.files)
  command('M-x', 'all commands', commands.commands)
  const extension = new EmacsExtension(editor)
  let marked = false
  let pending = ''
  const show = () => {
    status.textContent = ['EMACS', ...(marked ? ['Mark set'] : []), ...(pending === '' ? [] : [pending])].join('  ')
  }
  const shown = extension.onDidChangeKey((text: string) => {
    pending = text
    forgetKeys = () => {
      pending = ''
      show()
    }
    show()
  })
  const marking = extension.onDidMarkChange((mark: boolean) => {
    marked = mark
    show()
  })
  extension.start()
  show()
  return {
    dispose: () => {
      shown.dispose()
      marking.dispose()
      extension.dispose()
      status.textContent = ''
    },
  }
}

/** The event of monaco-vim that its types leave out. */
type VimEvents = { on: (event: 'vim-mode-change', listener: (change: { mode: string }) => void) => void }

/** One `u` takes back what one insertion wrote, with what its command took away before (`cw`). */
function groupInsertions(editor: monaco.editor.IStandaloneCodeEditor, vim: VimEvents, steps: UndoSteps): monaco.IDisposable {
  let editedWithThisKey = false
  const key = editor.onKeyDown(() => {
    editedWithThisKey = false
  })
  const edit = editor.onDidChangeModelContent(() => {
    editedWithThisKey = true
  })
  vim.on('vim-mode-change', ({ mode }) => {
    const inserts = mode === 'insert' || mode === 'replace'
    if (inserts) steps.holdStep(!editedWithThisKey)
    else steps.endStep()
  })
  return {
    dispose: () => {
      steps.endStep()
      key.dispose()
      edit.dispose()
    },
  }
}

/** Keys with Ctrl alone that the window has and that mean something else to whoever chose these keys. */
const OWN_KEYS: Readonly<Record<EditorSettings['keys'], string>> = { default: '', vim: 'bwj', emacs: 'spgbwj' }

/** Whether a key press in a text belongs to the editor's keys and not to the window. */
export function belongsToKeys(keys: EditorSettings['keys'], event: KeyboardEvent): boolean {
  if (!event.ctrlKey || event.shiftKey || event.altKey || event.metaKey || event.key.length !== 1) return false
  const isInText = event.target instanceof Element && event.target.closest('.monaco-editor') !== null
  return isInText && OWN_KEYS[keys].includes(event.key.toLowerCase())
}
