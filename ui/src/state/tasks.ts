// Work that takes long, with progress and a way to end it. What is done sooner than a glance shows nothing.
import { create } from 'zustand'
import { commands, type Event } from '../ipc/generated'
import { tellError } from './attempt'

/** Something the author waits for. */
export type Task = { number: number; title: string; doing: string; fraction: number | null; visible: boolean }

/** What takes longer than this shows its progress. */
const GLANCE_MS = 150

export const useTasks = create<{ tasks: readonly Task[] }>(() => ({ tasks: [] }))

// A number of its own for each window: they share the application.
let last = Math.floor(Math.random() * 0x7fff_0000)

function change(number: number, update: Partial<Task>): void {
  useTasks.setState(({ tasks }) => ({ tasks: tasks.map((task) => (task.number === number ? { ...task, ...update } : task)) }))
}

/** Runs it under a number; progress is shown until it has ended. */
export async function runTask<Result>(title: string, work: (task: number) => Promise<Result>): Promise<Result> {
  last += 1
  const number = last
  useTasks.setState(({ tasks }) => ({ tasks: [...tasks, { number, title, doing: '', fraction: null, visible: false }] }))
  const timer = setTimeout(() => change(number, { visible: true }), GLANCE_MS)
  try {
    return await work(number)
  } finally {
    clearTimeout(timer)
    useTasks.setState(({ tasks }) => ({ tasks: tasks.filter((task) => task.number !== number) }))
  }
}

/** Takes what the application tells of a task. */
export function takeTask(event: Extract<Event, { type: 'task' }>): void {
  change(event.task, { doing: event.doing, fraction: event.fraction })
}

export function cancelTask(number: number): void {
  change(number, { doing: 'Stopping', fraction: null })
  commands.cancelTask({ task: number }).catch((error: unknown) => tellError(error))
}
