// The texts that are open in a window. Each has one Monaco model for as long as it is open, whichever panes show
// it, and keeps where every pane had scrolled to: switching tabs loses nothing, undo included.
import type * as Y from 'yjs'
import { languageOf } from './languageOf'
import { registerLanguages } from './languages/registerLanguages'
import { monaco } from './monaco'
import { registerProviders, toMonacoRange } from './providers'
import type { EditorServices, Problem, SpellingMark } from './services'
import { createBoundModel, TextBinding } from './TextBinding'
import { TextMarks } from './textMarks'

const PROBLEMS = 'quire-problems'
const SEVERITY = {
  error: monaco.MarkerSeverity.Error,
  warning: monaco.MarkerSeverity.Warning,
  info: monaco.MarkerSeverity.Info,
} as const

/** An open text. */
export class EditorDocument {
  readonly binding: TextBinding
  /** What is commented and suggested. */
  readonly marks: TextMarks
  readonly #viewStates = new Map<string, monaco.editor.ICodeEditorViewState>()
  #spelling: string[] = []
  #path: string

  constructor(
    path: string,
    readonly text: Y.Text,
    readonly model: monaco.editor.ITextModel,
    readonly services: EditorServices,
  ) {
    this.#path = path
    this.binding = new TextBinding(text, model)
    this.marks = new TextMarks(this.binding)
  }

  /** Its path in the project, which a rename changes. */
  get path(): string {
    return this.#path
  }

  /** Follows a rename; the model, its undo and its views stay. */
  renamed(path: string): void {
    this.#path = path
    monaco.editor.setModelLanguage(this.model, languageOf(path))
  }

  /** Shows the problems of a build in place of the earlier ones. */
  setProblems(problems: readonly Problem[]): void {
    monaco.editor.setModelMarkers(
      this.model,
      PROBLEMS,
      problems.map((problem) => ({
        ...toMonacoRange(problem.range),
        severity: SEVERITY[problem.severity],
        message: problem.message,
        ...(problem.code === undefined ? {} : { code: problem.code }),
        ...(problem.source === undefined ? {} : { source: problem.source }),
      })),
    )
  }

  /** Marks misspelt words in place of the earlier ones. They are no problems: `F8` passes them by. */
  setSpelling(marks: readonly SpellingMark[]): void {
    const decorations = marks.map((mark) => ({
      range: toMonacoRange(mark.range),
      options: {
        description: 'spelling',
        inlineClassName: 'quire-misspelt',
        hoverMessage: { value: mark.message },
        stickiness: monaco.editor.TrackedRangeStickiness.NeverGrowsWhenTypingAtEdges,
      },
    }))
    this.#spelling = this.model.deltaDecorations(this.#spelling, decorations)
  }

  /** What a pane showed when it last left this text. */
  viewStateOf(pane: string): monaco.editor.ICodeEditorViewState | null {
    return this.#viewStates.get(pane) ?? null
  }

  /** Keeps what a pane shows. */
  keepViewState(pane: string, state: monaco.editor.ICodeEditorViewState | null): void {
    if (state !== null) this.#viewStates.set(pane, state)
  }

  /** Ends the binding and frees the model. */
  dispose(): void {
    this.binding.dispose()
    this.model.dispose()
  }
}

let nextSerial = 0

/** An address of its own for each model; lists of places show its path. */
function addressOf(serial: number, path: string): monaco.Uri {
  return monaco.Uri.from({ scheme: 'quire', authority: String(serial), path: `/${path}` })
}

/** The open texts of one project. `services` answers about all of them. */
export class EditorDocuments {
  readonly #byPath = new Map<string, EditorDocument>()
  readonly #peeked = new Map<string, Promise<monaco.editor.ITextModel>>()
  readonly #providers: monaco.IDisposable

  constructor(readonly services: EditorServices) {
    registerLanguages()
    this.#providers = registerProviders(this)
  }

  /** Opens a text under its path, or gives the open one. */
  open(path: string, text: Y.Text): EditorDocument {
    const known = this.#byPath.get(path)
    if (known !== undefined) return known
    nextSerial += 1
    // The serial number: a model keeps its address when its file is renamed and another takes the old name.
    const uri = addressOf(nextSerial, path)
    const document = new EditorDocument(path, text, createBoundModel(text, languageOf(path), uri), this.services)
    this.#byPath.set(path, document)
    return document
  }

  /** The open text of a path. */
  get(path: string): EditorDocument | undefined {
    return this.#byPath.get(path)
  }

  /** The open text that a model shows. */
  ofModel(model: monaco.editor.ITextModel): EditorDocument | undefined {
    for (const document of this.#byPath.values()) if (document.model === model) return document
    return undefined
  }

  /** The model of a file for a preview of places in it: the open one, or a copy of the text. */
  async modelFor(path: string): Promise<monaco.editor.ITextModel | null> {
    const open = this.get(path)
    if (open !== undefined) return open.model
    const { textOf } = this.services
    if (textOf === undefined) return null
    const peeked =
      this.#peeked.get(path) ??
      textOf(path).then((text) => monaco.editor.createModel(text, languageOf(path), addressOf((nextSerial += 1), path)))
    this.#peeked.set(path, peeked)
    return peeked
  }

  /** The path of a model's file, open or peeked at. */
  pathOf(uri: monaco.Uri): string {
    for (const document of this.#byPath.values()) if (document.model.uri.toString() === uri.toString()) return document.path
    return uri.path.slice(1)
  }

  /** Follows a rename of an open file. */
  renamed(from: string, to: string): void {
    const document = this.#byPath.get(from)
    if (document === undefined) return
    this.#byPath.delete(from)
    this.#byPath.set(to, document)
    document.renamed(to)
  }

  /** Closes a text; its undo history ends. */
  close(path: string): void {
    this.#byPath.get(path)?.dispose()
    this.#byPath.delete(path)
  }

  /** Closes everything. */
  dispose(): void {
    for (const path of this.#byPath.keys()) this.close(path)
    for (const model of this.#peeked.values()) void model.then((peeked) => peeked.dispose())
    this.#peeked.clear()
    this.#providers.dispose()
  }
}
