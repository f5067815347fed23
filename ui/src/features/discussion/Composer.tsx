// A field for a message. Enter sends it, Shift+Enter begins a line, Escape leaves it; behind an @ names are offered.
import { useEffect, useId, useLayoutEffect, useRef, useState } from 'react'
import { Button } from '../../design/Button'
import { useMentionable } from '../../state/discussion/discussion'
import { type Author, meantBy, mentionBefore, mentionsIn, type Written } from '../../state/discussion/people'

const OFFERED = 6

export function Composer({
  label,
  sendLabel,
  initial,
  autoFocus = false,
  keepOpen = false,
  onSend,
  onCancel,
}: {
  label: string
  /** What is done, in a verb. */
  sendLabel: string
  initial?: Written | undefined
  autoFocus?: boolean | undefined
  /** Its button is there also while nothing is written. */
  keepOpen?: boolean | undefined
  /** What is written stays when it resolves to false. */
  onSend: (written: Written) => Promise<boolean>
  onCancel?: (() => void) | undefined
}) {
  const id = useId()
  const field = useRef<HTMLTextAreaElement>(null)
  const [text, setText] = useState(initial?.text ?? '')
  const [mention, setMention] = useState<{ at: number; typed: string } | null>(null)
  const [chosen, setChosen] = useState(0)
  const people = useMentionable()
  // Of two with one name the one is meant who was taken from the list.
  const [taken, setTaken] = useState<readonly Author[]>(initial?.mentions ?? [])
  const offered = mention === null ? [] : meantBy(mention.typed, people).slice(0, OFFERED)

  // As high as what is written.
  useLayoutEffect(() => {
    const element = field.current
    if (element === null) return
    element.style.height = 'auto'
    element.style.height = `${element.scrollHeight + 2}px`
  }, [text])

  // Not React's autoFocus: that would scroll the window before the panel is laid out.
  useEffect(() => {
    const element = field.current
    if (!autoFocus || element === null) return
    element.focus()
    element.setSelectionRange(element.value.length, element.value.length)
  }, [autoFocus])

  const changed = (value: string, cursor: number) => {
    setText(value)
    setMention(mentionBefore(value, cursor))
    setChosen(0)
  }
  const take = (person: Author) => {
    if (mention === null) return
    const before = `${text.slice(0, mention.at)}@${person.name} `
    setText(before + text.slice(mention.at + 1 + mention.typed.length))
    setTaken([person, ...taken])
    setMention(null)
    requestAnimationFrame(() => field.current?.setSelectionRange(before.length, before.length))
  }
  const send = async () => {
    const trimmed = text.trim()
    if (trimmed === '' || !(await onSend({ text: trimmed, mentions: mentionsIn(trimmed, taken, people) }))) return
    setText('')
    setTaken([])
  }
  const onKey = (event: React.KeyboardEvent) => {
    // Enter ends a composition of letters first.
    if (event.nativeEvent.isComposing) return
    const person = offered[chosen]
    if (person !== undefined && (event.key === 'Enter' || event.key === 'Tab')) take(person)
    else if (offered.length > 0 && event.key === 'ArrowDown') setChosen((chosen + 1) % offered.length)
    else if (offered.length > 0 && event.key === 'ArrowUp') setChosen((chosen + offered.length - 1) % offered.length)
    else if (offered.length > 0 && event.key === 'Escape') setMention(null)
    else if (event.key === 'Escape' && onCancel !== undefined) onCancel()
    else if (event.key === 'Enter' && !event.shiftKey) void send()
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  const isOffering = offered.length > 0
  return (
    <div className="talk-composer">
      <textarea
        ref={field}
        rows={1}
        aria-label={label}
        placeholder={label}
        value={text}
        aria-autocomplete="list"
        aria-controls={isOffering ? `${id}-names` : undefined}
        aria-activedescendant={isOffering ? `${id}-${chosen}` : undefined}
        onChange={({ target }) => changed(target.value, target.selectionStart)}
        onKeyDown={onKey}
        onBlur={() => setMention(null)}
      />
      {isOffering && (
        <div className="talk-names" id={`${id}-names`} role="listbox" aria-label="Names">
          {offered.map((person, index) => (
            // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the field has the keys
            <div
              key={person.id}
              id={`${id}-${index}`}
              role="option"
              aria-selected={index === chosen}
              tabIndex={-1}
              onMouseDown={(event) => {
                event.preventDefault()
                take(person)
              }}
            >
              {person.name}
            </div>
          ))}
        </div>
      )}
      {(keepOpen || text.trim() !== '') && (
        <div className="talk-composer-foot">
          {onCancel !== undefined && (
            <Button size="small" variant="ghost" onClick={onCancel}>
              Cancel
            </Button>
          )}
          <Button size="small" variant="primary" disabled={text.trim() === ''} onClick={() => void send()}>
            {sendLabel}
          </Button>
        </div>
      )}
    </div>
  )
}
