import './controls.css'

/** Work of unknown length. Give a label where no text beside it says what is going on. Size in rem. */
export function Spinner({ size = 1, label }: { size?: number | undefined; label?: string | undefined }) {
  return (
    <span
      className="q-spinner"
      style={{ width: `${size}rem`, height: `${size}rem` }}
      {...(label === undefined ? { 'aria-hidden': true } : { role: 'status', 'aria-label': label })}
    />
  )
}

/** Work of known length; `value` from 0 to 1, or null while the length is not known. */
export function ProgressBar({ value, label }: { value: number | null; label: string }) {
  const percent = value === null ? undefined : Math.round(Math.min(1, Math.max(0, value)) * 100)
  return (
    <div className="q-progress" role="progressbar" aria-label={label} aria-valuemin={0} aria-valuemax={100} aria-valuenow={percent}>
      <div className="q-progress-bar" data-unknown={value === null || undefined} style={{ width: value === null ? undefined : `${percent}%` }} />
    </div>
  )
}
