// The projects on a shelf, and the questions that are asked about them.
import { useLayoutEffect, useRef, useState } from 'react'
import { Button } from '../../design/Button'
import { ConfirmDialog, Dialog } from '../../design/Dialog'
import { EmptyState } from '../../design/EmptyState'
import { Spinner } from '../../design/Progress'
import type { ProjectCard } from '../../ipc/generated'
import { openDialog } from '../../state/dialogs'
import { deleteForGood, findFolder, moveToShelf, sorted, useGallery } from '../../state/gallery'
import { howMany } from '../../state/names'
import { openProject } from '../../state/project'
import { useSettings } from '../../state/settings'
import { Card, type CardQuestion } from './Card'
import { FoundTexts } from './FoundTexts'
import { moveFocus } from './moveFocus'
import { TagsDialog } from './TagsDialog'

/** What is asked about projects. */
type Question = { type: 'none' } | CardQuestion

export function Projects() {
  const { shelf, search, tag, page, found } = useGallery()
  const sort = useSettings((state) => state.window.gallerySort)
  const asList = useSettings((state) => state.window.galleryList)
  const [renaming, setRenaming] = useState<string | null>(null)
  const [question, setQuestion] = useState<Question>({ type: 'none' })
  const list = useRef<HTMLUListElement>(null)
  const answer = () => setQuestion({ type: 'none' })

  // The focus, which a card takes along when it leaves: the next card gets it.
  const had = useRef({ id: '', at: 0 })
  useLayoutEffect(() => {
    // Another shelf has other cards.
    if (page === null) had.current = { id: '', at: 0 }
    const shown = list.current?.querySelectorAll<HTMLElement>('.project-open')
    if (document.activeElement !== document.body || shown === undefined || page === null) return
    if (had.current.id === '' || page.projects.some((card) => card.id === had.current.id)) return
    shown[Math.min(had.current.at, shown.length - 1)]?.focus()
  }, [page])

  if (page === null) return <div className="gallery-wait"><Spinner label="Looking for projects" /></div>
  const cards = sorted(page.projects, sort)
  return (
    <>
      {shelf === 'trashed' && cards.length > 0 && (
        <p className="gallery-note">
          Projects stay here until you delete them.
          <Button size="small" icon="trash" onClick={() => setQuestion({ type: 'delete', cards: page.projects })}>
            Empty the trash
          </Button>
        </p>
      )}
      <div className="gallery-scroll q-scroll">
        {cards.length === 0 ? (
          found.length === 0 && <Nothing />
        ) : (
          // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- arrow keys move between its buttons
          <ul
            ref={list}
            className={asList ? 'gallery-list' : 'gallery-cards'}
            aria-label={search === '' && tag === null ? 'Projects' : 'Projects found'}
            onKeyDown={(event) => {
              if (list.current !== null && moveFocus(list.current, event.key)) event.preventDefault()
            }}
          >
            {cards.map((card, at) => (
              <li key={card.id} onFocus={() => (had.current = { id: card.id, at })}>
                <Card card={card} shelf={shelf} renaming={renaming === card.id} onRenaming={setRenaming} onAsk={setQuestion} />
              </li>
            ))}
          </ul>
        )}
        {found.length > 0 && <FoundTexts found={found} />}
      </div>
      {question.type === 'tags' && <TagsDialog card={question.card} known={page.tags.map(({ name }) => name)} onClose={answer} />}
      {question.type === 'missing' && <Missing card={question.card} onClose={answer} />}
      {question.type === 'trashed' && (
        <ConfirmDialog
          open
          title={`“${question.card.name}” is in the trash`}
          description="Take it out of the trash to open it."
          confirmLabel="Restore and open"
          onCancel={answer}
          onConfirm={() => {
            answer()
            void moveToShelf(question.card, 'active', 'trashed').then(() => openProject(question.card.id))
          }}
        />
      )}
      {question.type === 'delete' && (
        <ConfirmDialog
          open
          danger
          title={question.cards.length === 1 ? `Delete “${question.cards[0]?.name ?? ''}” for good?` : `Delete ${howMany(question.cards.length, 'project')} for good?`}
          description={leavingText(question.cards)}
          confirmLabel="Delete for good"
          onCancel={answer}
          onConfirm={() => {
            answer()
            void deleteForGood(question.cards)
          }}
        />
      )}
    </>
  )
}

/** What goes with these projects. */
function leavingText(cards: readonly ProjectCard[]): string {
  const linked = cards.filter((card) => card.folder !== null).length
  if (linked === cards.length) return linked === 1 ? 'Quire forgets it and its history. The folder on disk stays as it is.' : 'Quire forgets them and their history. The folders on disk stay as they are.'
  const rest = linked === 0 ? '' : ` Folders on disk stay as they are.`
  return `The texts and their whole history go. This cannot be undone.${rest}`
}

function Missing({ card, onClose }: { card: ProjectCard; onClose: () => void }) {
  const { shelf } = useGallery()
  return (
    <Dialog
      open
      size="small"
      onOpenChange={onClose}
      title="The project’s folder is not there"
      description="Connect the disk it is on, or show where the folder is now. What Quire knows of its history is safe."
      footer={
        <>
          <Button
            onClick={() => {
              onClose()
              void moveToShelf(card, 'trashed', shelf)
            }}
          >
            Remove from the projects
          </Button>
          <Button
            variant="primary"
            icon="folder-open"
            onClick={() => {
              onClose()
              void findFolder(card)
            }}
          >
            Show the folder …
          </Button>
        </>
      }
    >
      <code className="gallery-path">{card.folder}</code>
    </Dialog>
  )
}

function Nothing() {
  const { shelf, search, tag } = useGallery()
  if (search !== '' || tag !== null) {
    return (
      <EmptyState
        icon="search"
        title={search === '' ? `Nothing has the tag “${tag}” here` : `Nothing found for “${search}”`}
        actions={<Button onClick={() => useGallery.setState({ search: '', tag: null })}>Show all</Button>}
      >
        The search looks at names, tags and the texts of all projects.
      </EmptyState>
    )
  }
  switch (shelf) {
    case 'active':
      return (
        <EmptyState
          icon="book"
          title="No projects here"
          actions={
            <Button variant="primary" icon="plus" onClick={() => openDialog({ type: 'newProject' })}>
              New project
            </Button>
          }
        >
          Begin a new one, open a folder, or drop an archive here.
        </EmptyState>
      )
    case 'archived':
      return (
        <EmptyState icon="archive" title="The archive is empty">
          Put away what is finished: it leaves the list, and nothing is lost.
        </EmptyState>
      )
    case 'trashed':
      return (
        <EmptyState icon="trash" title="The trash is empty">
          Projects that you delete wait here until you delete them for good.
        </EmptyState>
      )
  }
}
