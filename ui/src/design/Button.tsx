import type { ButtonHTMLAttributes, Ref } from 'react'
import { classNames } from './classNames'
import './controls.css'
import { Icon, type IconName } from './Icon'
import { Spinner } from './Progress'
import { ariaShortcut } from './shortcut'
import { Tooltip } from './Tooltip'

type NativeButton = Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'aria-label'> & { ref?: Ref<HTMLButtonElement> | undefined }

/** `primary`: the one thing to do here. `danger`: it destroys something. `ghost`: in tool bars. */
export type ButtonVariant = 'primary' | 'secondary' | 'ghost' | 'danger'

/** A button with words. While `busy` it shows a spinner and cannot be pressed. */
export function Button({
  variant = 'secondary',
  size = 'medium',
  icon,
  busy = false,
  className,
  children,
  disabled,
  ...rest
}: NativeButton & {
  variant?: ButtonVariant | undefined
  size?: 'small' | 'medium' | undefined
  icon?: IconName | undefined
  busy?: boolean | undefined
}) {
  return (
    <button
      type="button"
      {...rest}
      disabled={disabled === true || busy}
      aria-busy={busy || undefined}
      className={classNames('q-button', `q-button-${variant}`, `q-size-${size}`, className)}
    >
      {busy ? <Spinner size={0.875} /> : icon === undefined ? null : <Icon name={icon} />}
      {children}
    </button>
  )
}

/** A button with an icon only; the label is its name and its tooltip. `pressed` makes it a toggle. */
export function IconButton({
  icon,
  label,
  shortcut,
  pressed,
  size = 'medium',
  className,
  ...rest
}: NativeButton & {
  icon: IconName
  label: string
  shortcut?: string | undefined
  pressed?: boolean | undefined
  size?: 'small' | 'medium' | undefined
}) {
  return (
    <Tooltip label={label} shortcut={shortcut}>
      <button
        type="button"
        {...rest}
        aria-label={label}
        aria-pressed={pressed}
        aria-keyshortcuts={shortcut === undefined ? undefined : ariaShortcut(shortcut)}
        className={classNames('q-icon-button', `q-size-${size}`, className)}
      >
        <Icon name={icon} size={size === 'small' ? 0.875 : 1} />
      </button>
    </Tooltip>
  )
}
