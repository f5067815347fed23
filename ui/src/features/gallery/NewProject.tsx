// A new project: choose what it begins with, give it a name.
import { type FormEvent, useEffect, useState } from 'react'
import { Button } from '../../design/Button'
import { Dialog } from '../../design/Dialog'
import { TextField } from '../../design/Field'
import { templateAddress } from '../../ipc/addresses'
import { commands, type TemplateCard } from '../../ipc/generated'
import { attempt } from '../../state/attempt'
import { createProject } from '../../state/gallery'

export function NewProject({ onClose }: { onClose: () => void }) {
  const [templates, setTemplates] = useState<readonly TemplateCard[]>([])
  const [chosen, setChosen] = useState('article')
  const [name, setName] = useState('')
  const [busy, setBusy] = useState(false)

  // The templates, which come with the application.
  useEffect(() => void attempt(async () => setTemplates(await commands.templates())), [])

  // The dialog opens with what it offers, so that the focus has somewhere to go.
  if (templates.length === 0) return null
  const template = templates.find(({ id }) => id === chosen)
  const create = (id: string) => {
    if (busy) return
    setBusy(true)
    const called = name.trim() === '' ? (templates.find((known) => known.id === id)?.name ?? 'Untitled') : name
    void createProject(called, id).then((done) => {
      setBusy(false)
      if (done) onClose()
    })
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    create(chosen)
  }
  return (
    <Dialog
      open
      size="large"
      onOpenChange={onClose}
      title="New project"
      footer={
        <form className="new-project-foot" onSubmit={submit}>
          <TextField label="Name" value={name} onChange={setName} placeholder={template?.name ?? ''} className="new-project-name" maxLength={200} />
          <Button type="submit" variant="primary" busy={busy}>
            Create
          </Button>
        </form>
      }
    >
      <form className="new-project" onSubmit={submit} aria-label="Template">
        {templates.map(({ id, name: title, description }) => (
          <label key={id} className="template" onDoubleClick={() => create(id)}>
            <input
              type="radio"
              name="template"
              className="q-hidden"
              aria-label={`${title}: ${description}`}
              checked={id === chosen}
              onChange={() => setChosen(id)}
              // A browser sends no form from here: its button is in another.
              onKeyDown={(event) => {
                if (event.key === 'Enter') create(id)
              }}
            />
            <span className="template-page">
              <img src={templateAddress(id)} alt="" draggable={false} />
            </span>
            <strong>{title}</strong>
            <span className="template-about">{description}</span>
          </label>
        ))}
      </form>
    </Dialog>
  )
}
