// The line at the bottom: is it saved, how did the build go, where is the cursor.
import { Icon } from '../../design/Icon'
import { Menu } from '../../design/Menu'
import { Spinner } from '../../design/Progress'
import type { BuildReport, BuildState, LiveState, SaveState } from '../../ipc/generated'
import { activeCursor } from '../../state/cursor'
import { buildNow, showBottom, useProject } from '../../state/project'
import { TransferItem } from '../../features/files/TransferItem'
import { ConnectionItem } from '../../features/sharing/ConnectionItem'
import { WordCountButton } from '../../features/words/WordCount'
import { shortcutKeys } from '../../design/shortcut'
import { useUnread } from '../../features/discussion/chatSeen'
import { SUGGEST_SHORTCUT } from '../../features/discussion/SuggestionsView'
import { useDiscussion } from '../../state/discussion/discussion'
import { useRights } from '../../state/sharing'
import { allProblems } from './editing'
import { showReview } from './review'
import { toggleSuggesting } from './suggesting'

function savedText(saving: SaveState): string {
  if (saving.type === 'failed') return `Not saved: ${saving.reason}`
  return saving.type === 'saving' ? 'Saving…' : 'Saved'
}

/** Why a build broke off, by the codes of `compile`'s diagnostics. */
const BROKEN_OFF: Readonly<Record<string, string>> = {
  'timed-out': 'Build stopped: it took too long',
  'memory-limit': 'Build stopped: it took too much memory',
  'output-limit': 'Build stopped: it wrote too much',
  'damaged-picture': 'Build broke off at a damaged picture',
  'engine-crashed': 'The TeX engine broke off: build again',
  'engine-unusable': 'The TeX engine does not start',
}

function stoppedText(report: BuildReport): string {
  const reason = allProblems(report.problems).map(({ problem }) => BROKEN_OFF[problem.code])
  return reason.find((text) => text !== undefined) ?? 'Build broke off'
}

/** How a build is going, in a few words; `shown` when there are pages, of this build or an earlier one. */
export function buildText(build: BuildState, report: BuildReport | null, shown: boolean): string {
  if (build.type === 'running') {
    if (build.page > 0) return `Pass ${build.pass}, page ${build.page}`
    return build.pass > 0 ? `Pass ${build.pass}: ${build.doing}` : build.doing
  }
  if (report === null) return ''
  const pages = `${report.pages} page${report.pages === 1 ? '' : 's'}`
  const seconds = `${(report.wallMs / 1000).toFixed(report.wallMs < 10_000 ? 1 : 0)} s`
  switch (report.outcome) {
    case 'cancelled':
      return 'Build stopped'
    case 'stopped':
      return stoppedText(report)
    case 'notBegun':
      return 'Nothing built'
    default:
      if (report.pages === 0) return shown ? 'No pages: the last good ones are shown' : 'No pages'
      if (report.pagesKept) return 'Pages as before the error'
      return report.upToDate ? `${pages}, up to date` : `${pages} in ${seconds}`
  }
}

/** Whether pages follow the keystroke: a word or two, and what they mean. Nothing before the first build has ended. */
export function liveText(live: LiveState, report: BuildReport | null): { label: string; meaning: string } | null {
  switch (live.type) {
    case 'live':
      return { label: 'Live', meaning: 'Pages follow each key that you type. Numbers and references follow with the next build.' }
    case 'noBuild':
      if (report === null) return null
      return { label: 'Not live', meaning: 'Pages follow each key that you type once a build has made pages.' }
    case 'givenUp':
      return { label: 'Live paused', meaning: 'The pages could not follow the last edit: it may never come to an end. The next edit tries again.' }
    case 'notHere':
      return { label: 'Not live', meaning: 'Pages follow each build. On this system they cannot follow each key.' }
    case 'otherEngine':
      return { label: 'Not live', meaning: 'Pages follow each build. Only with the built-in engine can they follow each key.' }
    case 'cannotStart': {
      const why = live.reason === '' ? '' : ` (${live.reason})`
      return { label: 'Not live', meaning: `Pages follow each build, not each key: the engine could not be started once more${why}. The next build tries again.` }
    }
  }
}

function LiveItem({ live, report }: { live: LiveState; report: BuildReport | null }) {
  const text = liveText(live, report)
  if (text === null) return null
  return (
    <Menu
      label={text.label}
      trigger={
        <button type="button" className="status-live" title={text.meaning} aria-label={`${text.label}. ${text.meaning}`}>
          <Icon name={live.type === 'live' ? 'live' : 'live-off'} size={0.875} />
          {text.label}
        </button>
      }
      items={[
        { kind: 'heading', id: 'meaning', label: text.meaning },
        { kind: 'separator', id: 'line' },
        { kind: 'item', id: 'build', label: 'Build now', icon: 'play', onSelect: () => void buildNow() },
      ]}
    />
  )
}

/** That somebody has said something, wherever one is. */
function ChatItem() {
  const unread = useUnread()
  if (unread === 0) return null
  return (
    <button type="button" className="status-suggest" data-new onClick={() => showReview('chat')}>
      <Icon name="comment" size={0.875} />
      {unread === 1 ? '1 new message' : `${unread} new messages`}
    </button>
  )
}

/** Whether what is typed changes the text. */
function SuggestItem() {
  const isThere = useDiscussion((state) => state.doc !== null)
  const isSuggesting = useDiscussion((state) => state.isSuggesting)
  const rights = useRights()
  if (!isThere || rights === 'read') return null
  // Pressed all the same, it says why there is no choice.
  const label = isSuggesting ? 'Suggesting' : 'Editing'
  const meaning = rights === 'discuss' ? 'What you type is suggested: you are a commenter of this project' : isSuggesting ? 'What you type is suggested, and does not change the text. Press to edit the text again' : 'What you type changes the text. Press to suggest changes instead'
  return (
    <button type="button" className="status-suggest" aria-pressed={isSuggesting} aria-label={`${label}. ${meaning}.`} title={`${meaning} (${shortcutKeys(SUGGEST_SHORTCUT).join('+')}).`} onClick={() => void toggleSuggesting()}>
      <Icon name={isSuggesting ? 'suggest' : 'pencil'} size={0.875} />
      {label}
    </button>
  )
}

export function StatusBar() {
  const saving = useProject((state) => state.open?.saving)
  const build = useProject((state) => state.open?.build)
  const report = useProject((state) => state.open?.report ?? null)
  const live = useProject((state) => state.open?.liveState)
  const now = useProject((state) => state.open?.liveProblem ?? null)
  const shown = useProject((state) => (state.open?.preview ?? null) !== null)
  const cursor = useProject(activeCursor)
  if (saving === undefined || build === undefined || live === undefined) return null
  const problems = allProblems([...(now === null ? [] : [now]), ...(report?.problems ?? [])]).map(({ problem }) => problem)
  const errors = problems.filter((problem) => problem.severity === 'error').length
  const warnings = problems.filter((problem) => problem.severity === 'warning').length
  return (
    <footer className="status-bar" aria-label="Status">
      <span className={saving.type === 'failed' ? 'status-failed' : undefined} role={saving.type === 'failed' ? 'alert' : undefined}>
        {savedText(saving)}
      </span>
      <ConnectionItem />
      <TransferItem />
      <button type="button" className="status-problems" onClick={() => showBottom('problems')}>
        <Icon name="error" size={0.875} className={errors > 0 ? 'status-failed' : undefined} /> {errors}
        <span className="q-hidden">{errors === 1 ? 'error,' : 'errors,'}</span>
        <Icon name="warning" size={0.875} className={warnings > 0 ? 'status-warned' : undefined} /> {warnings}
        <span className="q-hidden">{warnings === 1 ? 'warning' : 'warnings'}</span>
      </button>
      <span className="status-build" role="status">
        {build.type === 'running' && <Spinner size={0.75} />}
        {buildText(build, report, shown)}
      </span>
      <LiveItem live={live} report={report} />
      <span className="status-space" />
      <ChatItem />
      <SuggestItem />
      <WordCountButton />
      {cursor !== null && (
        <span>
          Line {cursor.line}, column {cursor.column}
        </span>
      )}
    </footer>
  )
}
