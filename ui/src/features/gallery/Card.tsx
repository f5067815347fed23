// One project: its first page, its name, when it was last open. The button that opens it covers the card.
import { memo, useRef } from 'react'
import { Badge } from '../../design/Badge'
import { IconButton } from '../../design/Button'
import { ContextMenu } from '../../design/ContextMenu'
import { Icon } from '../../design/Icon'
import { Menu } from '../../design/Menu'
import type { MenuItem } from '../../design/menuItems'
import { firstPageAddress } from '../../ipc/addresses'
import type { ProjectCard, ProjectId, Shelf } from '../../ipc/generated'
import { exportProject } from '../../state/exchange'
import { duplicateProject, moveToShelf, renameProject, useGallery } from '../../state/gallery'
import { agoText } from '../../state/names'
import { openProject } from '../../state/project'

/** What is asked before something is done with a project. */
export type CardQuestion = { type: 'missing' | 'tags' | 'trashed'; card: ProjectCard } | { type: 'delete'; cards: readonly ProjectCard[] }

type Props = {
  card: ProjectCard
  shelf: Shelf
  renaming: boolean
  /** Which project gets a new name; the same function each time, as `onAsk`. */
  onRenaming: (id: ProjectId | null) => void
  onAsk: (question: CardQuestion) => void
}

/** Drawn again only when something about it has changed: there may be hundreds, each with two menus. */
export const Card = memo(function Card(props: Props) {
  const { card, shelf, renaming, onRenaming } = props
  const items = menuOf(props)
  const when = useGallery(({ now }) => agoText(shelf === 'active' ? card.opened : card.since, now))
  const verb = shelf === 'active' ? '' : shelf === 'archived' ? 'Archived ' : 'Deleted '
  return (
    <ContextMenu items={items} label={card.name}>
      <article className="project-card" data-missing={card.folderMissing || undefined}>
        <div className="project-page">
          {card.page === null ? <Icon name="file-text" size={2} /> : <img src={firstPageAddress(card.id, card.page)} alt="" loading="lazy" draggable={false} />}
        </div>
        <div className="project-about">
          {renaming ? <NameField card={card} onDone={() => onRenaming(null)} /> : null}
          <button
            type="button"
            className={renaming ? 'project-open q-hidden' : 'project-open'}
            title={card.name}
            onClick={() => open(props)}
            onKeyDown={(event) => {
              if (event.key === 'F2') onRenaming(card.id)
              if (event.key === 'Delete' && shelf === 'trashed') props.onAsk({ type: 'delete', cards: [card] })
              else if (event.key === 'Delete') void moveToShelf(card, 'trashed', shelf)
            }}
          >
            <span>{card.name}</span>
          </button>
          <span className="project-when">
            {verb}
            {when}
          </span>
          {card.folder !== null && (
            <span className="project-folder" title={card.folder}>
              <Icon name={card.folderMissing ? 'warning' : 'folder'} size={0.75} />
              <span>{card.folderMissing ? 'Folder not found' : shortPath(card.folder)}</span>
            </span>
          )}
          {card.tags.length > 0 && (
            <span className="project-tags">
              {card.tags.map((tag) => (
                <button key={tag} type="button" className="project-tag" title={`Show all with the tag ${tag}`} onClick={() => useGallery.setState({ tag })}>
                  <Badge>{tag}</Badge>
                </button>
              ))}
            </span>
          )}
        </div>
        <div className="project-more">
          <Menu items={items} align="end" label={card.name} trigger={<IconButton icon="more" size="small" label={`More for ${card.name}`} />} />
        </div>
      </article>
    </ContextMenu>
  )
})

function open({ card, shelf, onAsk }: Props) {
  if (shelf === 'trashed') onAsk({ type: 'trashed', card })
  else if (card.folderMissing) onAsk({ type: 'missing', card })
  else void openProject(card.id)
}

/** The end of a path, which tells more than its start. */
function shortPath(path: string): string {
  const parts = path.split(/[/\\]/)
  return parts.length > 3 ? `…/${parts.slice(-2).join('/')}` : path
}

function NameField({ card, onDone }: { card: ProjectCard; onDone: () => void }) {
  const cancelled = useRef(false)
  return (
    <input
      className="project-name-field"
      aria-label={`New name of ${card.name}`}
      defaultValue={card.name}
      // oxlint-disable-next-line jsx-a11y/no-autofocus -- the author has just asked for this field
      autoFocus
      onFocus={(event) => event.currentTarget.select()}
      onKeyDown={(event) => {
        event.stopPropagation()
        if (event.key === 'Escape') cancelled.current = true
        if (event.key === 'Escape' || event.key === 'Enter') event.currentTarget.blur()
      }}
      onBlur={(event) => {
        const name = event.currentTarget.value
        const opener = event.currentTarget.parentElement?.querySelector<HTMLElement>('.project-open')
        onDone()
        if (!cancelled.current && name !== card.name) void renameProject(card.id, name)
        // Arrow keys go on from here.
        requestAnimationFrame(() => opener?.focus())
      }}
    />
  )
}

function menuOf(props: Props): readonly MenuItem[] {
  const { card, shelf, onRenaming, onAsk } = props
  const to = (target: Shelf) => () => void moveToShelf(card, target, shelf)
  if (shelf === 'trashed') {
    return [
      { kind: 'item', id: 'restore', label: 'Restore', icon: 'restore', onSelect: to('active') },
      { kind: 'item', id: 'delete', label: 'Delete for good …', icon: 'trash', danger: true, shortcut: 'Delete', onSelect: () => onAsk({ type: 'delete', cards: [card] }) },
    ]
  }
  return [
    { kind: 'item', id: 'open', label: 'Open', icon: 'book', shortcut: 'Enter', onSelect: () => open(props) },
    // The menu gives the focus back to its button when it is gone; the field must come after.
    { kind: 'item', id: 'rename', label: 'Rename', icon: 'pencil', shortcut: 'F2', onSelect: () => setTimeout(() => onRenaming(card.id), 80) },
    { kind: 'item', id: 'tags', label: 'Tags …', icon: 'tag', onSelect: () => onAsk({ type: 'tags', card }) },
    { kind: 'item', id: 'copy', label: card.folder === null ? 'Duplicate' : 'Copy into Quire', icon: 'copy', disabled: card.folderMissing, onSelect: () => void duplicateProject(card) },
    { kind: 'separator', id: 'out' },
    { kind: 'item', id: 'zip', label: 'Export as zip …', icon: 'download', disabled: card.folderMissing, onSelect: () => void exportProject('zip', card.id, card.name) },
    { kind: 'item', id: 'pdf', label: 'Export the PDF …', icon: 'file-pdf', disabled: card.page === null, onSelect: () => void exportProject('pdf', card.id, card.name) },
    { kind: 'separator', id: 'away' },
    shelf === 'archived'
      ? { kind: 'item', id: 'restore', label: 'Take out of the archive', icon: 'restore', onSelect: to('active') }
      : { kind: 'item', id: 'archive', label: 'Archive', icon: 'archive', onSelect: to('archived') },
    { kind: 'item', id: 'trash', label: 'Move to the trash', icon: 'trash', danger: true, shortcut: 'Delete', onSelect: to('trashed') },
  ]
}
