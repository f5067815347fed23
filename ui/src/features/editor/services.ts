// What the editor asks of the rest of the program about a text. Every function may be absent: then the editor does
// without. Places are lines and columns from 1, columns in UTF-16 units, as in Monaco. A request whose signal is
// aborted may reject or answer; nobody listens.

/** A place in a text. */
export type Position = { readonly line: number; readonly column: number }
/** From `start` up to, not including, `end`. */
export type Range = { readonly start: Position; readonly end: Position }
/** A place in a file of the project. */
export type Location = { readonly path: string; readonly range: Range }
/** A replacement in one text. */
export type TextEdit = { readonly range: Range; readonly text: string }
/** The edits of one file, in the places of the text before them. */
export type FileEdits = { readonly path: string; readonly edits: readonly TextEdit[] }

/** What a completion stands for; it chooses the icon. */
export type CompletionKind = 'command' | 'ownCommand' | 'environment' | 'label' | 'citation' | 'file' | 'package' | 'snippet' | 'key' | 'text'
/** One entry of the list. */
export type Completion = {
  readonly label: string
  readonly kind: CompletionKind
  readonly detail?: string | undefined
  /** Markdown, shown beside the list. */
  readonly documentation?: string | undefined
  /** What is inserted; with `isSnippet`, `$1` and `${1:x}` are tab stops. */
  readonly insertText: string
  readonly isSnippet?: boolean | undefined
  /** What is replaced; absent: the word before the cursor. */
  readonly range?: Range | undefined
  /** What the typed letters are compared with; absent: the label. */
  readonly filterText?: string | undefined
  readonly sortText?: string | undefined
  /** Changes elsewhere that go with it, such as the package that it needs. */
  readonly edits?: readonly FileEdits[] | undefined
  /** What is inserted leaves the cursor where something else can be completed. */
  readonly continues?: boolean | undefined
}
/** What could be written; `incomplete`: ask again when more is typed. */
export type Completions = { readonly items: readonly Completion[]; readonly incomplete: boolean }
/** What a pointer at rest sees, in Markdown. */
export type Hover = { readonly markdown: string; readonly range?: Range | undefined }
/** An entry of the outline. */
export type DocumentSymbol = {
  readonly name: string
  readonly kind: 'section' | 'environment' | 'label' | 'command' | 'entry'
  readonly range: Range
  readonly selection: Range
  readonly children?: readonly DocumentSymbol[] | undefined
}
/** A cure that is offered at a problem. */
export type Fix = {
  readonly title: string
  readonly preferred?: boolean | undefined
  readonly files: readonly FileEdits[]
  /** Called in place of making the edits, when the program knows better how. */
  readonly run?: (() => void) | undefined
}
/** Something that an author should know, shown as a squiggle. */
export type Problem = {
  readonly range: Range
  readonly severity: 'error' | 'warning' | 'info'
  readonly message: string
  readonly code?: string | undefined
  readonly source?: string | undefined
}
/** A misspelt word. */
export type SpellingMark = { readonly range: Range; readonly message: string }

/** What the program offers the editor. */
export type EditorServices = {
  complete?: (path: string, position: Position, signal: AbortSignal) => Promise<Completions>
  hover?: (path: string, position: Position, signal: AbortSignal) => Promise<Hover | null>
  definition?: (path: string, position: Position, signal: AbortSignal) => Promise<readonly Location[]>
  references?: (path: string, position: Position, signal: AbortSignal) => Promise<readonly Location[]>
  /** What can be renamed here, or null; asked before `rename`. */
  renameable?: (path: string, position: Position, signal: AbortSignal) => Promise<{ range: Range; text: string } | null>
  rename?: (path: string, position: Position, name: string, signal: AbortSignal) => Promise<readonly FileEdits[]>
  symbols?: (path: string, signal: AbortSignal) => Promise<readonly DocumentSymbol[]>
  /** Absent: environments, headings and comments fold. */
  folds?: (path: string, signal: AbortSignal) => Promise<readonly { start: number; end: number; kind?: 'comment' | 'region' | undefined }[]>
  fixes?: (path: string, range: Range, signal: AbortSignal) => Promise<readonly Fix[]>
  /** The text of a file that is not open, for previews of places in it. */
  textOf?: (path: string) => Promise<string>
  /** Edits in files that are not open; those of open files are made by the editor. */
  applyEdits?: (files: readonly FileEdits[]) => Promise<void>
  /** Opens a file at a place: the editor followed a definition or reference out of its own text. */
  open?: (location: Location) => void
}
