// Finding text on the pages.
import { useEffect, useRef } from 'react'
import { IconButton } from '../../design/Button'
import { TextField } from '../../design/Field'
import { changeFind, closeFind, step, useFind } from './find'

export function FindBar() {
  const { query, matchCase, matches, current, status, asked } = useFind()
  const field = useRef<HTMLInputElement>(null)
  // The focus, each time the search is asked for.
  useEffect(() => field.current?.select(), [asked])
  const none = status === 'done' && matches.length === 0
  const count =
    status === 'failed' ? 'The pages cannot be searched' : none ? 'Not found' : matches.length === 0 ? '' : `${current + 1} of ${matches.length}`
  return (
    <div className="preview-find" role="search" aria-label="Find on the pages">
      <TextField
        ref={field}
        label="Find on the pages"
        hideLabel
        icon="search"
        placeholder="Find"
        value={query}
        onChange={(text) => changeFind({ query: text })}
        onKeyDown={(event) => {
          if (event.key === 'Enter') step(event.shiftKey ? -1 : 1)
          else if (event.key === 'Escape') closeFind()
          else return
          event.preventDefault()
          event.stopPropagation()
        }}
        trailing={
          <button
            type="button"
            className="preview-case"
            aria-pressed={matchCase}
            aria-label="Match case"
            title="Match case"
            onClick={() => changeFind({ matchCase: !matchCase })}
          >
            Aa
          </button>
        }
      />
      <span className="preview-count" role="status" data-none={none || undefined}>
        {count}
      </span>
      <IconButton icon="chevron-up" label="Previous match" shortcut="Shift+Enter" size="small" disabled={matches.length === 0} onClick={() => step(-1)} />
      <IconButton icon="chevron-down" label="Next match" shortcut="Enter" size="small" disabled={matches.length === 0} onClick={() => step(1)} />
      <IconButton icon="close" label="Close the search" shortcut="Escape" size="small" onClick={closeFind} />
    </div>
  )
}
