import './controls.css'
import { shortcutKeys } from './shortcut'

/** A shortcut, `Mod+Shift+P`, as the platform writes it. */
export function Kbd({ shortcut }: { shortcut: string }) {
  return (
    <span className="q-kbd">
      {shortcutKeys(shortcut).map((key, index) => (
        <kbd key={`${index}-${key}`}>{key}</kbd>
      ))}
    </span>
  )
}
