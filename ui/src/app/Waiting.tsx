// What takes long: how far it is, and a way to end it.
import { Button } from '../design/Button'
import { Dialog } from '../design/Dialog'
import { ProgressBar } from '../design/Progress'
import { cancelTask, useTasks } from '../state/tasks'

export function Waiting() {
  const task = useTasks((state) => state.tasks.find(({ visible }) => visible))
  if (task === undefined) return null
  return (
    <Dialog open size="small" title={task.title} onOpenChange={() => cancelTask(task.number)} footer={<Button onClick={() => cancelTask(task.number)}>Cancel</Button>}>
      <p className="waiting-doing" role="status">
        {task.doing === '' ? 'A moment …' : `${task.doing} …`}
      </p>
      <ProgressBar value={task.fraction} label={task.title} />
    </Dialog>
  )
}
