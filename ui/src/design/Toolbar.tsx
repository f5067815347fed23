// A row of controls that is one stop of the Tab key: arrow keys move within it.
import { Toolbar as Radix } from 'radix-ui'
import type { ReactElement, ReactNode } from 'react'

export function Toolbar({ label, className, children }: { label: string; className?: string | undefined; children: ReactNode }) {
  return (
    <Radix.Root aria-label={label} className={className ?? ''}>
      {children}
    </Radix.Root>
  )
}

/** Makes a button one of the row. */
export function ToolbarItem({ children }: { children: ReactElement }) {
  return <Radix.Button asChild>{children}</Radix.Button>
}
