// All projects, and the ways to a new one.
import { type ReactNode, useEffect } from 'react'
import { Button, IconButton } from '../../design/Button'
import { Select, SegmentedControl, TextField } from '../../design/Field'
import { Logo } from '../../design/logo/Logo'
import type { Shelf } from '../../ipc/generated'
import { setTitle } from '../../ipc/system'
import { openDialog, openSettings } from '../../state/dialogs'
import { hasNothing, leaveGallery, loadGallery, showShelf, useGallery } from '../../state/gallery'
import { useSession } from '../../state/session'
import { changeWindow, type GallerySort, useSettings } from '../../state/settings'
import { DropTarget } from './DropTarget'
import { OpenButtons } from './OpenButtons'
import { Projects } from './Projects'
import { Welcome } from './Welcome'
import './gallery.css'

/** `bell`: what tells of news. */
export function Gallery({ bell }: { bell: ReactNode }) {
  const version = useSession((state) => state.galleryVersion)
  const { shelf, search, tag, counts } = useGallery()

  // The list of projects, which the application keeps.
  useEffect(() => void loadGallery(), [version, shelf, search, tag])

  // What is known of it, which other screens change.
  useEffect(() => leaveGallery, [])

  // The clock: times are told in words.
  useEffect(() => {
    const clock = setInterval(() => useGallery.setState({ now: Date.now() }), 60_000)
    return () => clearInterval(clock)
  }, [])

  // The window's title.
  useEffect(() => void setTitle('Quire'), [])

  return (
    <DropTarget>
      {/* Neither of the two before it is known which is right. */}
      {counts === null ? null : hasNothing(counts) ? (
        <Welcome bell={bell} />
      ) : (
        <div className="gallery">
          <Shelves />
          <main className="gallery-main" aria-label="Projects">
            <Head bell={bell} />
            <Projects />
          </main>
        </div>
      )}
    </DropTarget>
  )
}

const SHELVES = [
  { shelf: 'active', label: 'Projects', icon: 'book' },
  { shelf: 'archived', label: 'Archive', icon: 'archive' },
  { shelf: 'trashed', label: 'Trash', icon: 'trash' },
] as const

/** What a shelf is called. */
export function shelfName(shelf: Shelf): string {
  return SHELVES.find((known) => known.shelf === shelf)?.label ?? ''
}

function Shelves() {
  const { shelf, tag, page, counts } = useGallery()
  return (
    <nav className="gallery-side" aria-label="Shelves and tags">
      <div className="gallery-brand">
        <Logo size={1.75} />
        <span>Quire</span>
      </div>
      <ul>
        {SHELVES.map((entry) => (
          <li key={entry.shelf}>
            <Button
              variant="ghost"
              icon={entry.icon}
              className="gallery-shelf"
              aria-current={shelf === entry.shelf && tag === null ? 'page' : undefined}
              onClick={() => showShelf(entry.shelf)}
            >
              <span className="gallery-shelf-name">{entry.label}</span>
              <span className="gallery-count">{counts === null || counts[entry.shelf] === 0 ? '' : counts[entry.shelf]}</span>
            </Button>
          </li>
        ))}
      </ul>
      {page !== null && page.tags.length > 0 && (
        <>
          <h2>Tags</h2>
          <ul className="gallery-tags">
            {page.tags.map(({ name, projects }) => (
              <li key={name}>
                <Button
                  variant="ghost"
                  icon="tag"
                  className="gallery-shelf"
                  aria-pressed={tag === name}
                  onClick={() => useGallery.setState({ tag: tag === name ? null : name })}
                >
                  <span className="gallery-shelf-name">{name}</span>
                  <span className="gallery-count">{projects}</span>
                </Button>
              </li>
            ))}
          </ul>
        </>
      )}
      <span className="gallery-space" />
      <Button variant="ghost" icon="settings" className="gallery-shelf" onClick={() => openSettings()}>
        <span className="gallery-shelf-name">Settings</span>
      </Button>
    </nav>
  )
}

function Head({ bell }: { bell: ReactNode }) {
  const { shelf, search, tag } = useGallery()
  const { gallerySort, galleryList } = useSettings((state) => state.window)
  return (
    <header className="gallery-head">
      <div className="gallery-title">
        <h1>{shelfName(shelf)}</h1>
        {tag !== null && (
          <span className="gallery-filter">
            {tag}
            <IconButton icon="close" size="small" label={`Do not filter by ${tag}`} onClick={() => useGallery.setState({ tag: null })} />
          </span>
        )}
        <span className="gallery-space" />
        {bell}
        <OpenButtons />
        <Button variant="primary" icon="plus" onClick={() => openDialog({ type: 'newProject' })} aria-keyshortcuts="Control+N" title="Ctrl+N">
          New project
        </Button>
      </div>
      <div className="gallery-tools">
        <TextField
          label="Search projects"
          hideLabel
          icon="search"
          type="search"
          className="gallery-search"
          value={search}
          onChange={(next) => useGallery.setState({ search: next })}
          onKeyDown={(event) => {
            if (event.key === 'Escape') useGallery.setState({ search: '' })
            if (event.key === 'ArrowDown') {
              event.preventDefault()
              document.querySelector<HTMLElement>('.project-open')?.focus()
            }
          }}
          placeholder="Search names, tags and texts"
        />
        <span className="gallery-space" />
        <Select<GallerySort>
          label="Sort by"
          hideLabel
          value={gallerySort}
          onChange={(next) => changeWindow({ gallerySort: next })}
          options={[
            { value: 'opened', label: 'Last opened' },
            { value: 'name', label: 'Name' },
            { value: 'created', label: 'Newest' },
          ]}
        />
        <SegmentedControl<'cards' | 'list'>
          label="Shown as"
          value={galleryList ? 'list' : 'cards'}
          onChange={(next) => changeWindow({ galleryList: next === 'list' })}
          options={[
            { value: 'cards', label: 'Cards', icon: 'grid', iconOnly: true },
            { value: 'list', label: 'List', icon: 'list', iconOnly: true },
          ]}
        />
      </div>
    </header>
  )
}
