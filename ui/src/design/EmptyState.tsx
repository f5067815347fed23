import type { ReactNode } from 'react'
import './controls.css'
import { Icon, type IconName } from './Icon'

/** What a pane says when there is nothing in it, and what to do about it. */
export function EmptyState({
  icon,
  title,
  children,
  actions,
}: {
  icon?: IconName | undefined
  title: string
  children?: ReactNode
  actions?: ReactNode
}) {
  return (
    <div className="q-empty">
      {icon === undefined ? null : <Icon name={icon} size={1.75} className="q-empty-icon" />}
      <h2>{title}</h2>
      {children === undefined ? null : <p>{children}</p>}
      {actions === undefined ? null : <div className="q-empty-actions">{actions}</div>}
    </div>
  )
}
