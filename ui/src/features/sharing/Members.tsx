// Who belongs to a shared project: its owner gives roles, removes, hands over; everybody else can leave.
import { useState } from 'react'
import { Button, IconButton } from '../../design/Button'
import { ConfirmDialog } from '../../design/Dialog'
import { Select } from '../../design/Field'
import { Menu } from '../../design/Menu'
import { commands, type ProjectId, type Role, type ShareMember } from '../../ipc/generated'
import { attempt } from '../../state/attempt'
import { Avatar } from './Avatar'
import { GIVEN_ROLES, ROLES } from './words'

type Question = { type: 'none' } | { type: 'remove' | 'handOver'; member: ShareMember } | { type: 'leave' }

export function Members({
  project,
  members,
  isOwner,
  onChanged,
  onLeft,
}: {
  project: ProjectId
  members: readonly ShareMember[]
  isOwner: boolean
  onChanged: () => Promise<void>
  onLeft: () => void
}) {
  const [question, setQuestion] = useState<Question>({ type: 'none' })
  const me = members.find(({ isMe }) => isMe)
  const change = (work: () => Promise<unknown>) => {
    setQuestion({ type: 'none' })
    void attempt(work).then(onChanged)
  }
  return (
    <section aria-label="Who belongs to it">
      <h3 className="sharing-head">Who belongs to it</h3>
      <ul className="sharing-list" aria-label="Members">
        {members.map((member) => (
          <Member
            key={member.user}
            member={member}
            mayChange={isOwner && !member.isMe}
            onRole={(role) => change(() => commands.setMemberRole({ project, user: member.user, role }))}
            onAsk={(type) => setQuestion({ type, member })}
          />
        ))}
      </ul>
      {me !== undefined && !isOwner && (
        <Button variant="ghost" size="small" onClick={() => setQuestion({ type: 'leave' })}>
          Leave the project …
        </Button>
      )}
      {question.type === 'remove' && (
        <ConfirmDialog
          open
          danger
          title={`Remove ${question.member.name} from the project?`}
          description={`${question.member.name} can neither read nor write it any more. What was written stays, and the copy on the computer of ${question.member.name} stays there.`}
          confirmLabel="Remove"
          onCancel={() => setQuestion({ type: 'none' })}
          onConfirm={() => change(() => commands.removeMember({ project, id: question.member.user }))}
        />
      )}
      {question.type === 'handOver' && (
        <ConfirmDialog
          open
          danger
          title={`Make ${question.member.name} the owner?`}
          description={`${question.member.name} decides from then on who belongs to the project, and you are one of its editors. Only ${question.member.name} can make you the owner again.`}
          confirmLabel="Hand the project over"
          onCancel={() => setQuestion({ type: 'none' })}
          onConfirm={() => change(() => commands.handOver({ project, id: question.member.user }))}
        />
      )}
      {question.type === 'leave' && me !== undefined && (
        <ConfirmDialog
          open
          danger
          title="Leave the project?"
          description="You do not belong to it any more: what the others write does not come here, and they do not see what you write. Your copy stays on this computer. To come back you need a link or an invitation."
          confirmLabel="Leave"
          onCancel={() => setQuestion({ type: 'none' })}
          onConfirm={() => {
            setQuestion({ type: 'none' })
            void attempt(() => commands.removeMember({ project, id: me.user }), 'You have not left the project.').then((done) => done && onLeft())
          }}
        />
      )}
    </section>
  )
}

function Member({
  member,
  mayChange,
  onRole,
  onAsk,
}: {
  member: ShareMember
  mayChange: boolean
  onRole: (role: Role) => void
  onAsk: (type: 'remove' | 'handOver') => void
}) {
  const { name, email, isGuest, isMe, role } = member
  return (
    <li>
      <Avatar user={member.user} name={name} />
      <span className="sharing-who">
        <strong>{`${name}${isMe ? ' (you)' : ''}`}</strong>
        <span>{isGuest ? 'Guest' : (email ?? ROLES[role].can)}</span>
      </span>
      {mayChange ? (
        <>
          <Select label={`Role of ${name}`} hideLabel value={role} options={GIVEN_ROLES.map((value) => ({ value, label: ROLES[value].name }))} onChange={onRole} />
          <Menu
            label={name}
            align="end"
            trigger={<IconButton icon="more" label={`More for ${name}`} />}
            items={[
              // A guest has no account to own something with.
              ...(isGuest ? [] : [{ kind: 'item', id: 'owner', label: 'Make the owner …', icon: 'star', onSelect: () => onAsk('handOver') } as const]),
              { kind: 'item', id: 'remove', label: 'Remove from the project …', icon: 'close', danger: true, onSelect: () => onAsk('remove') },
            ]}
          />
        </>
      ) : (
        <span className="sharing-role">{ROLES[role].name}</span>
      )}
    </li>
  )
}
