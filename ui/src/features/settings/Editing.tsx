// How one writes, and when it is built.
import { SegmentedControl, Switch } from '../../design/Field'
import { changeApplication, changeWindow, type Keymap, useSettings } from '../../state/settings'

export function Editing() {
  const { keymap, spellCheck } = useSettings((state) => state.window)
  return (
    <>
      <h3>Keys</h3>
      <div className="settings-row">
        <span>
          Keys of the editor
          <span className="q-field-hint">The window’s own, such as Ctrl+P, work with each of them.</span>
        </span>
        <SegmentedControl<Keymap>
          label="Keys of the editor"
          value={keymap}
          onChange={(next) => changeWindow({ keymap: next })}
          options={[
            { value: 'default', label: 'Default' },
            { value: 'vim', label: 'Vim' },
            { value: 'emacs', label: 'Emacs' },
          ]}
        />
      </div>
      <h3>Help with writing</h3>
      <Switch
        label="Check spelling"
        hint="In the language of the document. Words of your own and another language: in the settings of the project."
        checked={spellCheck}
        onChange={(on) => changeWindow({ spellCheck: on })}
      />
    </>
  )
}

export function Building() {
  const { buildWhileTyping, buildOnSave } = useSettings((state) => state.application)
  return (
    <>
      <h3>When pages are built</h3>
      <Switch
        label="While typing"
        hint="A second after the last keystroke."
        checked={buildWhileTyping}
        onChange={(on) => changeApplication({ buildWhileTyping: on })}
      />
      <Switch
        label="With Ctrl+S"
        hint="Every keystroke is saved anyway. Ctrl+Enter always builds."
        checked={buildOnSave}
        onChange={(on) => changeApplication({ buildOnSave: on })}
      />
    </>
  )
}
