// Who comments: asked once, with the first comment.
import { useState } from 'react'
import { Button } from '../../design/Button'
import { Dialog } from '../../design/Dialog'
import { TextField } from '../../design/Field'
import { answerAuthor, localAuthor } from '../../state/discussion/discussion'
import { useSession } from '../../state/session'

export function AuthorDialog() {
  const user = useSession((state) => state.user)
  const [name, setName] = useState(localAuthor()?.name ?? user)
  const isNamed = name.trim() !== ''
  return (
    <Dialog
      open
      size="small"
      onOpenChange={() => answerAuthor(null)}
      title="Your name"
      description="It stands beside what you comment and suggest, so that your co-authors know who wrote it. You can change it in the settings."
      footer={
        <>
          <Button onClick={() => answerAuthor(null)}>Cancel</Button>
          <Button variant="primary" disabled={!isNamed} onClick={() => answerAuthor(name)}>
            Use this name
          </Button>
        </>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (isNamed) answerAuthor(name)
        }}
      >
        <TextField label="Name" hideLabel value={name} onChange={setName} autoFocus onFocus={(event) => event.target.select()} />
      </form>
    </Dialog>
  )
}
