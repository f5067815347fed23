// What holds for the open project alone.
import { type FormEvent, useState } from 'react'
import { Button, IconButton } from '../../design/Button'
import { Select, TextField } from '../../design/Field'
import { changeProjectSettings, useProject } from '../../state/project'
import { chooseRoot, setWords } from '../../state/projectSettings'
import { ProjectBuilding } from './ProjectBuilding'

const LANGUAGES = [
  { value: '', label: 'The document’s own' },
  { value: 'en', label: 'English' },
  { value: 'de', label: 'German' },
  { value: 'fr', label: 'French' },
  { value: 'es', label: 'Spanish' },
  { value: 'pt', label: 'Portuguese' },
  { value: 'it', label: 'Italian' },
]

export function ProjectSettings() {
  const open = useProject((state) => state.open)
  const [text, setText] = useState('')
  if (open === null) return null
  const { words, language } = open.settings
  const sources = open.files.filter(({ kind, path }) => kind === 'text' && /\.(tex|ltx|dtx)$/i.test(path))
  const found = open.root === null ? open.report?.root : null
  const add = (event: FormEvent) => {
    event.preventDefault()
    void setWords([...words, ...text.split(/[\s,]+/)])
    setText('')
  }
  return (
    <>
      <h3>Only for “{open.name}”</h3>
      {open.folder !== null && <p className="settings-folder">Lives in {open.folder}</p>}
      <Select
        className="settings-choice"
        label="Main file"
        hint="What is built. Files that it reads need not be chosen."
        value={open.root ?? ''}
        onChange={(next) => void chooseRoot(next === '' ? null : next)}
        options={[
          { value: '', label: typeof found === 'string' ? `Found by itself: ${found}` : 'Found by itself' },
          ...sources.map(({ path }) => ({ value: path, label: path })),
        ]}
      />
      <ProjectBuilding />
      <h3>Spelling</h3>
      <Select
        className="settings-choice"
        label="Language"
        value={language ?? ''}
        onChange={(next) => void changeProjectSettings({ language: next === '' ? null : next })}
        options={language === null || LANGUAGES.some(({ value }) => value === language) ? LANGUAGES : [...LANGUAGES, { value: language, label: language }]}
      />
      <form className="settings-words" onSubmit={add}>
        <TextField label="Words that are right here" value={text} onChange={setText} placeholder="A name, a term of art …" />
        <Button type="submit" disabled={text.trim() === ''}>
          Add
        </Button>
      </form>
      {words.length > 0 && (
        <ul className="tags-list" aria-label="Words that are right here">
          {words.map((word) => (
            <li key={word}>
              {word}
              <IconButton icon="close" size="small" label={`Remove ${word}`} onClick={() => void setWords(words.filter((other) => other !== word))} />
            </li>
          ))}
        </ul>
      )}
    </>
  )
}
