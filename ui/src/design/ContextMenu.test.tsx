import { fireEvent, render, screen } from '@testing-library/react'
import { expect, test, vi } from 'vitest'
import { ContextMenu } from './ContextMenu'

test('letting go of the right button over an entry does not choose it', async () => {
  const onSelect = vi.fn()
  render(
    <ContextMenu items={[{ kind: 'item', id: 'trash', label: 'Move to the trash', onSelect }]}>
      <button type="button">Paper</button>
    </ContextMenu>,
  )
  fireEvent.contextMenu(screen.getByText('Paper'))
  const entry = await screen.findByRole('menuitem')
  fireEvent.pointerUp(entry, { button: 2 })
  expect(onSelect).not.toHaveBeenCalled()
  fireEvent.pointerUp(entry, { button: 0 })
  expect(onSelect).toHaveBeenCalledOnce()
})
