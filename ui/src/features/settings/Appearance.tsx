// How the window looks.
import { SegmentedControl, Select, Switch, TextField } from '../../design/Field'
import type { ThemeChoice } from '../../design/theme'
import { changeWindow, useSettings } from '../../state/settings'

const SCALES = [0.7, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 1.75, 2, 2.25, 2.5]
const SIZES = [10, 11, 12, 13, 14, 15, 16, 18, 20, 22, 24, 28, 32]

/** The steps, and the present value if it is none of them. */
function steps(known: readonly number[], now: number): readonly number[] {
  return known.includes(now) ? known : [...known, now].toSorted((a, b) => a - b)
}

export function Appearance() {
  const { theme, scale, editorFont, editorFontSize, wordWrap, lineNumbers, darkPaper } = useSettings((state) => state.window)
  return (
    <>
      <h3>Window</h3>
      <div className="settings-row">
        <span>Theme</span>
        <SegmentedControl<ThemeChoice>
          label="Theme"
          value={theme}
          onChange={(next) => changeWindow({ theme: next })}
          options={[
            { value: 'system', label: 'As the system' },
            { value: 'light', label: 'Light', icon: 'sun' },
            { value: 'dark', label: 'Dark', icon: 'moon' },
          ]}
        />
      </div>
      <Select
        className="settings-choice"
        label="Size of everything"
        value={String(scale)}
        onChange={(next) => changeWindow({ scale: Number(next) })}
        options={steps(SCALES, scale).map((value) => ({ value: String(value), label: `${Math.round(value * 100)} %` }))}
      />
      <Switch label="Dark paper" hint="Shows pages light on dark. Only here: the PDF stays as it is." checked={darkPaper} onChange={(on) => changeWindow({ darkPaper: on })} />
      <h3>Text in the editor</h3>
      <TextField
        className="settings-choice"
        label="Font"
        value={editorFont}
        onChange={(next) => changeWindow({ editorFont: next })}
        placeholder="The system’s"
        hint="The name of any font on this computer."
      />
      <Select
        className="settings-choice"
        label="Font size"
        value={String(editorFontSize)}
        onChange={(next) => changeWindow({ editorFontSize: Number(next) })}
        options={steps(SIZES, editorFontSize).map((value) => ({ value: String(value), label: `${value}` }))}
      />
      <Switch label="Wrap long lines" checked={wordWrap} onChange={(on) => changeWindow({ wordWrap: on })} />
      <Switch label="Line numbers" checked={lineNumbers} onChange={(on) => changeWindow({ lineNumbers: on })} />
    </>
  )
}
