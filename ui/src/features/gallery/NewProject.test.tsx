import { fireEvent, render, screen } from '@testing-library/react'
import { expect, test, vi } from 'vitest'
import { commands } from '../../ipc/generated'
import { NewProject } from './NewProject'

vi.mock('../../ipc/addresses', () => ({ templateAddress: (id: string) => `page:${id}` }))

test('Enter makes a project of the template that has the focus', async () => {
  const template = (id: string, name: string) => ({ id, name, description: 'To begin with.' })
  vi.spyOn(commands, 'templates').mockResolvedValue([template('article', 'Article'), template('report', 'Report')])
  const create = vi.spyOn(commands, 'createProject').mockResolvedValue('0')
  render(<NewProject onClose={() => undefined} />)
  const report = await screen.findByLabelText(/^Report/)
  fireEvent.keyDown(report, { key: 'ArrowRight' })
  expect(create).not.toHaveBeenCalled()
  fireEvent.keyDown(report, { key: 'Enter' })
  expect(create).toHaveBeenCalledWith({ name: 'Report', template: 'report' })
})
