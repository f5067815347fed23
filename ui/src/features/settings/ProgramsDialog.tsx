// Asks whether a document may run programs: what they are, and what they cannot do.
import { ConfirmDialog } from '../../design/Dialog'
import { answerPrograms } from '../../state/engines'
import { useProject } from '../../state/project'

export function ProgramsDialog({ engine }: { engine: string }) {
  const name = useProject((state) => state.open?.name)
  if (name === undefined) return null
  return (
    <ConfirmDialog
      open
      careful
      title="Let this document run programs?"
      description={
        <>
          <p>
            To build “{name}” its packages start programs that the document chooses: minted has code coloured, gnuplot draws curves.
          </p>
          <ul>
            <li>They run inside the sandbox only, without network.</li>
            <li>They see a copy of this project, and nothing else of yours.</li>
            <li>It holds for this project on this computer. Co-authors decide for themselves, and you can take it back in the settings.</li>
          </ul>
        </>
      }
      cancelLabel="Do not allow"
      confirmLabel="Allow and build"
      onCancel={() => void answerPrograms(engine, false)}
      onConfirm={() => void answerPrograms(engine, true)}
    />
  )
}
