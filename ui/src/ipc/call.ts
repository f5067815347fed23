// The one place that calls the application. Errors come back as `CallError`, in words for people.
import { invoke } from '@tauri-apps/api/core'
import type { UserError } from './generated'

/** A command that failed. */
export class CallError extends Error {
  constructor(
    readonly code: UserError['code'],
    message: string,
    readonly advice: string,
  ) {
    super(message)
    this.name = 'CallError'
  }
}

function isUserError(value: unknown): value is UserError {
  return typeof value === 'object' && value !== null && 'code' in value && 'message' in value && 'advice' in value
}

/** Any failure as one that can be shown. */
export function asCallError(error: unknown): CallError {
  if (error instanceof CallError) return error
  if (isUserError(error)) return new CallError(error.code, error.message, error.advice)
  return new CallError('invalid', error instanceof Error ? error.message : String(error), '')
}

/** Calls a command of the application. */
export async function request<Result>(command: string, args: Record<string, unknown>): Promise<Result> {
  try {
    return await invoke<Result>(command, args)
  } catch (error) {
    throw asCallError(error)
  }
}

/** A typed command; see generated.ts. */
export function call<Result>(command: string, arguments_: unknown): Promise<Result> {
  return request<Result>('call', { command: { command, arguments: arguments_ } })
}
