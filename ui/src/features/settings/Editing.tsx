// How one writes, and when it is built.
import { useState } from 'react'
import { SegmentedControl, Switch, TextField } from '../../design/Field'
import { localAuthor, nameAuthor } from '../../state/discussion/discussion'
import { useSession } from '../../state/session'
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
      <h3>Comments and suggestions</h3>
      <YourName />
    </>
  )
}

/** The name beside what one comments; what was written before keeps the name that it had. */
function YourName() {
  const user = useSession((state) => state.user)
  const [name, setName] = useState(localAuthor()?.name ?? '')
  const keep = () => {
    if (name.trim() !== '' && name.trim() !== localAuthor()?.name) nameAuthor(name)
  }
  return (
    <TextField
      label="Your name"
      hint="Stands beside what you comment and suggest from now on."
      placeholder={user}
      value={name}
      onChange={setName}
      onBlur={keep}
      onKeyDown={({ key }) => key === 'Enter' && keep()}
    />
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
