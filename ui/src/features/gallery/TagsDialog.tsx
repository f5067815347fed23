// The tags of a project.
import { type FormEvent, useState } from 'react'
import { Button, IconButton } from '../../design/Button'
import { Dialog } from '../../design/Dialog'
import { TextField } from '../../design/Field'
import type { ProjectCard } from '../../ipc/generated'
import { cleanTags, setTags } from '../../state/gallery'

export function TagsDialog({ card, known, onClose }: { card: ProjectCard; known: readonly string[]; onClose: () => void }) {
  const [tags, setShown] = useState<readonly string[]>(card.tags)
  const [text, setText] = useState('')
  const change = (next: readonly string[]) => {
    const clean = cleanTags(next)
    setShown(clean)
    void setTags(card, clean)
  }
  const add = (event: FormEvent) => {
    event.preventDefault()
    if (text.trim() === '') onClose()
    else change([...tags, ...text.split(',')])
    setText('')
  }
  const offered = known.filter((tag) => !tags.includes(tag)).slice(0, 12)
  return (
    <Dialog open size="small" onOpenChange={onClose} title={`Tags of “${card.name}”`} footer={<Button variant="primary" onClick={onClose}>Done</Button>}>
      <form onSubmit={add} className="tags-form">
        <TextField label="Add a tag" value={text} onChange={setText} placeholder="thesis, 2026, with Ada …" hint="Enter adds it." />
        {tags.length > 0 && (
          <ul className="tags-list" aria-label="Tags">
            {tags.map((tag) => (
              <li key={tag}>
                {tag}
                <IconButton icon="close" size="small" label={`Remove the tag ${tag}`} onClick={() => change(tags.filter((other) => other !== tag))} />
              </li>
            ))}
          </ul>
        )}
        {offered.length > 0 && (
          <div className="tags-offered">
            <span>In use:</span>
            {offered.map((tag) => (
              <Button key={tag} size="small" icon="plus" onClick={() => change([...tags, tag])}>
                {tag}
              </Button>
            ))}
          </div>
        )}
      </form>
    </Dialog>
  )
}
