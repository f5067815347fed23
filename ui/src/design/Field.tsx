// Controls that carry a value. Each has a visible label, or with `hideLabel` one that only screen readers meet.
import { type InputHTMLAttributes, type ReactNode, type Ref, useId } from 'react'
import { classNames } from './classNames'
import './controls.css'
import { Icon, type IconName } from './Icon'

type FieldLabel = { label: string; hideLabel?: boolean | undefined; hint?: ReactNode; className?: string | undefined }

/** One line of text. `error` replaces the hint and marks the field; `icon` stands at its start. */
export function TextField({
  label,
  hideLabel = false,
  hint,
  error,
  icon,
  trailing,
  value,
  onChange,
  className,
  ...rest
}: FieldLabel &
  Omit<InputHTMLAttributes<HTMLInputElement>, 'onChange' | 'value' | 'className'> & {
    value: string
    onChange: (value: string) => void
    error?: string | undefined
    icon?: IconName | undefined
    trailing?: ReactNode
    ref?: Ref<HTMLInputElement> | undefined
  }) {
  const id = useId()
  const note = error ?? hint
  return (
    <div className={classNames('q-field', className)}>
      <label htmlFor={id} className={hideLabel ? 'q-hidden' : 'q-field-label'}>
        {label}
      </label>
      <div className="q-input-box" data-invalid={error !== undefined || undefined}>
        {icon === undefined ? null : <Icon name={icon} className="q-input-icon" />}
        <input
          type="text"
          autoComplete="off"
          spellCheck={false}
          {...rest}
          id={id}
          className="q-input"
          value={value}
          onChange={(event) => onChange(event.target.value)}
          aria-invalid={error !== undefined || undefined}
          aria-describedby={note === undefined ? undefined : `${id}-note`}
        />
        {trailing}
      </div>
      {note === undefined ? null : (
        <p id={`${id}-note`} className={error === undefined ? 'q-field-hint' : 'q-field-error'}>
          {note}
        </p>
      )}
    </div>
  )
}

/** One of a list, by the platform's own list. */
export function Select<Value extends string>({
  label,
  hideLabel = false,
  hint,
  value,
  options,
  onChange,
  disabled = false,
  className,
}: FieldLabel & {
  value: Value
  options: readonly { value: Value; label: string }[]
  onChange: (value: Value) => void
  disabled?: boolean | undefined
}) {
  const id = useId()
  return (
    <div className={classNames('q-field', className)}>
      <label htmlFor={id} className={hideLabel ? 'q-hidden' : 'q-field-label'}>
        {label}
      </label>
      <div className="q-input-box q-select-box">
        <select
          id={id}
          className="q-input"
          value={value}
          disabled={disabled}
          onChange={(event) => {
            const chosen = options.find((option) => option.value === event.target.value)
            if (chosen !== undefined) onChange(chosen.value)
          }}
        >
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
        <Icon name="up-down" size={0.875} className="q-select-arrow" />
      </div>
      {hint === undefined ? null : <p className="q-field-hint">{hint}</p>}
    </div>
  )
}

type Toggle = {
  label: string
  hint?: ReactNode
  checked: boolean
  onChange: (checked: boolean) => void
  disabled?: boolean | undefined
}

/** A setting that is in force at once. */
export function Switch({ label, hint, checked, onChange, disabled = false }: Toggle) {
  const id = useId()
  return (
    <label className="q-toggle q-switch" htmlFor={id}>
      <span className="q-toggle-text">
        {label}
        {hint === undefined ? null : <span className="q-field-hint">{hint}</span>}
      </span>
      <input id={id} type="checkbox" role="switch" aria-checked={checked} checked={checked} disabled={disabled} onChange={(event) => onChange(event.target.checked)} />
    </label>
  )
}

/** A choice that is part of something to confirm, or one of a list. `mixed`: some of what it stands for. */
export function Checkbox({ label, hint, checked, onChange, disabled = false, mixed = false }: Toggle & { mixed?: boolean | undefined }) {
  const id = useId()
  return (
    <label className="q-toggle q-checkbox" htmlFor={id}>
      <input
        id={id}
        type="checkbox"
        checked={checked}
        disabled={disabled}
        ref={(element) => {
          if (element !== null) element.indeterminate = mixed
        }}
        onChange={(event) => onChange(event.target.checked)}
      />
      <span className="q-toggle-text">
        {label}
        {hint === undefined ? null : <span className="q-field-hint">{hint}</span>}
      </span>
    </label>
  )
}

/** One of few, all visible. Arrow keys move, as in any radio group. */
export function SegmentedControl<Value extends string>({
  label,
  value,
  options,
  onChange,
  className,
}: {
  label: string
  value: Value
  options: readonly { value: Value; label: string; icon?: IconName | undefined; iconOnly?: boolean | undefined }[]
  onChange: (value: Value) => void
  className?: string | undefined
}) {
  const name = useId()
  return (
    <div role="radiogroup" aria-label={label} className={classNames('q-segmented', className)}>
      {options.map((option) => (
        <label key={option.value} className="q-segment" title={option.iconOnly === true ? option.label : undefined}>
          <input type="radio" name={name} checked={option.value === value} onChange={() => onChange(option.value)} className="q-hidden" />
          {option.icon === undefined ? null : <Icon name={option.icon} />}
          <span className={option.iconOnly === true ? 'q-hidden' : undefined}>{option.label}</span>
        </label>
      ))}
    </div>
  )
}
