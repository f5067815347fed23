// All projects, and the ways to a new one.
import { useEffect, useState } from 'react'
import { Button } from '../../design/Button'
import { EmptyState } from '../../design/EmptyState'
import { TextField } from '../../design/Field'
import { firstPageAddress } from '../../ipc/addresses'
import { commands, type GalleryPage, type ProjectCard } from '../../ipc/generated'
import { chooseFolder, setTitle } from '../../ipc/system'
import { attempt } from '../../state/attempt'
import { openProject } from '../../state/project'
import { useSession } from '../../state/session'
import './gallery.css'

export function Gallery() {
  const version = useSession((state) => state.galleryVersion)
  const [search, setSearch] = useState('')
  const [page, setPage] = useState<GalleryPage | null>(null)

  // The list of projects, which the application keeps.
  useEffect(() => {
    void attempt(async () => setPage(await commands.listProjects({ shelf: 'active', search, tag: null })))
  }, [version, search])

  // The window's title.
  useEffect(() => void setTitle('Quire'), [])

  const create = () => {
    void attempt(async () => openProject(await commands.createProject({ name: 'Untitled' })))
  }
  const openFolder = () => {
    void attempt(async () => {
      const folder = await chooseFolder('Open a folder')
      if (folder !== null) await openProject(await commands.linkFolder({ folder }))
    })
  }
  return (
    <main className="gallery">
      <header className="gallery-head">
        <h1>Quire</h1>
        <TextField label="Search projects" hideLabel icon="search" value={search} onChange={setSearch} placeholder="Search projects" />
        <Button icon="folder-open" onClick={openFolder}>
          Open a folder
        </Button>
        <Button variant="primary" icon="plus" onClick={create}>
          New project
        </Button>
      </header>
      {page !== null && page.projects.length === 0 ? (
        <EmptyState icon="book" title="Nothing here yet">
          Begin a new project, or open a folder with a document in it.
        </EmptyState>
      ) : (
        <ul className="gallery-cards">
          {page?.projects.map((project) => (
            <li key={project.id}>
              <Card project={project} />
            </li>
          ))}
        </ul>
      )}
    </main>
  )
}

function Card({ project }: { project: ProjectCard }) {
  return (
    <button type="button" className="gallery-card" onClick={() => void openProject(project.id)}>
      <span className="gallery-page">{project.hasPage && <img src={firstPageAddress(project.id, project.opened)} alt="" />}</span>
      <span className="gallery-name">{project.name}</span>
      <span className="gallery-detail">{project.folder ?? ''}</span>
    </button>
  )
}
