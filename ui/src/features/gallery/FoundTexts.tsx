// Lines of texts in which words were found, by project.
import { Icon } from '../../design/Icon'
import type { FoundProject } from '../../ipc/generated'
import { openAt } from '../../state/gallery'

export function FoundTexts({ found }: { found: readonly FoundProject[] }) {
  return (
    <section className="found-texts" aria-label="Found in texts">
      <h2>Found in texts</h2>
      {found.map(({ project, name, places }) => (
        <div key={project}>
          <h3>
            <Icon name="book" size={0.875} /> {name}
          </h3>
          <ul>
            {places.map((place) => (
              <li key={`${place.path}:${place.line}`}>
                <button type="button" onClick={() => void openAt(project, place)}>
                  <span className="found-line">{place.text.trim()}</span>
                  <span className="found-place">
                    {place.path}, line {place.line}
                  </span>
                </button>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </section>
  )
}
