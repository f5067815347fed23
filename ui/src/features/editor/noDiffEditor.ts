// Stands in for Monaco's editors of differences and what they compute, which its API would bring along (0.25 MB): versions are compared
// in features/history. See vite.config.ts.

/** Never made. */
export class DiffEditorWidget {
  readonly isMade = false
}
/** Never made. */
export class MultiDiffEditorWidget {
  readonly isMade = false
}

const never = (): never => {
  throw new Error('there is no editor of differences')
}
/** Never asked. */
export const linesDiffComputers = { getLegacy: never, getDefault: never, getAdvancedExternal: never, getAdvancedWasm: never }
