// Leads Monaco's questions to the services, and their answers back.
import type { EditorDocument, EditorDocuments } from './documents'
import { foldsOf, headingsOf, partnerOf, tagAt } from './environments'
import { LANGUAGES, LATEX_LANGUAGES } from './languages/registerLanguages'
import { modelLines } from './modelLines'
import { monaco } from './monaco'
import type { Completion, CompletionKind, Completions, DocumentSymbol, FileEdits, Fix, Location, Position, Range } from './services'
import { snippetsFor } from './snippets'

type Token = monaco.CancellationToken

/** A range of the services as Monaco has it. */
export function toMonacoRange({ start, end }: Range): monaco.IRange {
  return { startLineNumber: start.line, startColumn: start.column, endLineNumber: end.line, endColumn: end.column }
}

const toPosition = ({ lineNumber, column }: monaco.IPosition): Position => ({ line: lineNumber, column })
const toRange = (range: monaco.IRange): Range => ({
  start: { line: range.startLineNumber, column: range.startColumn },
  end: { line: range.endLineNumber, column: range.endColumn },
})
const wholeLine = (model: monaco.editor.ITextModel, line: number) => new monaco.Range(line, 1, line, model.getLineMaxColumn(line))

const KIND: Readonly<Record<CompletionKind, monaco.languages.CompletionItemKind>> = {
  command: monaco.languages.CompletionItemKind.Function,
  ownCommand: monaco.languages.CompletionItemKind.Variable,
  environment: monaco.languages.CompletionItemKind.Module,
  // Monaco has no kinds for these three: editor.css gives those that stand for them other signs.
  label: monaco.languages.CompletionItemKind.Constant,
  citation: monaco.languages.CompletionItemKind.Reference,
  file: monaco.languages.CompletionItemKind.File,
  package: monaco.languages.CompletionItemKind.Class,
  snippet: monaco.languages.CompletionItemKind.Snippet,
  key: monaco.languages.CompletionItemKind.Property,
  text: monaco.languages.CompletionItemKind.Text,
}
const SYMBOL: Readonly<Record<DocumentSymbol['kind'], monaco.languages.SymbolKind>> = {
  section: monaco.languages.SymbolKind.String,
  environment: monaco.languages.SymbolKind.Struct,
  label: monaco.languages.SymbolKind.Key,
  command: monaco.languages.SymbolKind.Function,
  entry: monaco.languages.SymbolKind.Field,
}

function signalOf(token: Token): AbortSignal {
  const controller = new AbortController()
  if (token.isCancellationRequested) controller.abort()
  token.onCancellationRequested(() => controller.abort())
  return controller.signal
}

/** Registers for every language; models of other windows' documents are none of these providers' business. */
export function registerProviders(documents: EditorDocuments): monaco.IDisposable {
  const { services } = documents
  const languages = [...LANGUAGES]
  /** Asks a service about a model's file; `otherwise` where there is no service, no answer, or no wish any more. */
  const ask = async <Answer>(
    model: monaco.editor.ITextModel,
    token: Token,
    otherwise: Answer,
    question: (document: EditorDocument, signal: AbortSignal) => Promise<Answer> | undefined,
  ): Promise<Answer> => {
    const document = documents.ofModel(model)
    if (document === undefined) return otherwise
    const signal = signalOf(token)
    try {
      return (await question(document, signal)) ?? otherwise
    } catch (error) {
      if (signal.aborted) return otherwise
      throw error
    }
  }
  const toLocations = async (locations: readonly Location[]): Promise<monaco.languages.Location[]> => {
    const found = await Promise.all(
      locations.map(async ({ path, range }) => {
        const model = await documents.modelFor(path)
        return model === null ? [] : [{ uri: model.uri, range: toMonacoRange(range) }]
      }),
    )
    return found.flat()
  }
  /** Open files are edited by Monaco, as one step of undo each; the others by the program. */
  const toWorkspaceEdit = async (files: readonly FileEdits[]): Promise<monaco.languages.WorkspaceEdit> => {
    const closed = files.filter((file) => documents.get(file.path) === undefined)
    if (closed.length > 0) await services.applyEdits?.(closed)
    return {
      edits: files.flatMap((file) => {
        const model = documents.get(file.path)?.model
        if (model === undefined) return []
        return file.edits.map(({ range, text }) => ({ resource: model.uri, versionId: undefined, textEdit: { range: toMonacoRange(range), text } }))
      }),
    }
  }
  const toSymbols = (symbols: readonly DocumentSymbol[]): monaco.languages.DocumentSymbol[] =>
    symbols.map((symbol) => ({
      name: symbol.name || ' ',
      detail: '',
      kind: SYMBOL[symbol.kind],
      tags: [],
      range: toMonacoRange(symbol.range),
      selectionRange: toMonacoRange(symbol.selection),
      children: toSymbols(symbol.children ?? []),
    }))

  const registrations: monaco.IDisposable[] = [
    monaco.languages.registerCompletionItemProvider(languages, {
      triggerCharacters: ['\\', '{', ',', '[', '@', '/'],
      provideCompletionItems: async (model, position, _context, token) => {
        const word = model.getWordUntilPosition(position)
        const range = new monaco.Range(position.lineNumber, word.startColumn, position.lineNumber, position.column)
        const document = documents.ofModel(model)
        const none: Completions = { items: [], incomplete: false }
        const { items, incomplete } = await ask(model, token, none, ({ path }, signal) => services.complete?.(path, toPosition(position), signal))
        // Of commands there are more than can be sent, and the application knows better which are meant: its order
        // is kept by letting all fit alike, and it is asked again after each letter.
        const [first] = items
        const typed = first?.range === undefined ? '' : model.getValueInRange({ ...toMonacoRange(first.range), endLineNumber: position.lineNumber, endColumn: position.column })
        const asksAgain = incomplete || /^\\?[a-zA-Z@*]*$/.test(typed)
        const suggestions: monaco.languages.CompletionItem[] = items.map((item) => ({
          label: item.detail === undefined ? item.label : { label: item.label, description: item.detail },
          kind: KIND[item.kind],
          insertText: item.insertText,
          range: item.range === undefined ? range : toMonacoRange(item.range),
          ...(item.documentation === undefined ? {} : { documentation: { value: item.documentation } }),
          ...(asksAgain ? { filterText: typed } : item.filterText === undefined ? {} : { filterText: item.filterText }),
          ...(item.sortText === undefined ? {} : { sortText: item.sortText }),
          ...(item.isSnippet === true ? { insertTextRules: monaco.languages.CompletionItemInsertTextRule.InsertAsSnippet } : {}),
          ...alsoEdits(item, document?.path ?? '', documents),
        }))
        const line = model.getLineContent(position.lineNumber).slice(0, position.column - 1)
        for (const snippet of snippetsFor(model.getLanguageId(), line)) {
          suggestions.push({
            label: { label: snippet.prefix, description: snippet.title },
            kind: KIND.snippet,
            insertText: snippet.body,
            insertTextRules: monaco.languages.CompletionItemInsertTextRule.InsertAsSnippet,
            range,
            sortText: `~${snippet.prefix}`,
          })
        }
        return { suggestions, incomplete: asksAgain }
      },
    }),
    monaco.languages.registerHoverProvider(languages, {
      provideHover: async (model, position, token) => {
        const hover = await ask(model, token, null, (document, signal) => services.hover?.(document.path, toPosition(position), signal))
        if (hover === null) return null
        return { contents: [{ value: hover.markdown }], ...(hover.range === undefined ? {} : { range: toMonacoRange(hover.range) }) }
      },
    }),
    monaco.languages.registerDefinitionProvider(languages, {
      provideDefinition: async (model, position, token) =>
        toLocations(await ask(model, token, [], (document, signal) => services.definition?.(document.path, toPosition(position), signal))),
    }),
    monaco.languages.registerReferenceProvider(languages, {
      provideReferences: async (model, position, _context, token) =>
        toLocations(await ask(model, token, [], (document, signal) => services.references?.(document.path, toPosition(position), signal))),
    }),
    monaco.languages.registerRenameProvider(languages, {
      resolveRenameLocation: async (model, position, token) => {
        const target = await ask(model, token, null, (document, signal) => services.renameable?.(document.path, toPosition(position), signal))
        const nowhere = { range: new monaco.Range(position.lineNumber, position.column, position.lineNumber, position.column), text: '' }
        return target === null
          ? { ...nowhere, rejectReason: 'There is nothing to rename here.' }
          : { range: toMonacoRange(target.range), text: target.text }
      },
      provideRenameEdits: async (model, position, name, token) =>
        toWorkspaceEdit(await ask(model, token, [], (document, signal) => services.rename?.(document.path, toPosition(position), name, signal))),
    }),
    monaco.languages.registerDocumentSymbolProvider(languages, {
      provideDocumentSymbols: async (model, token) => {
        if (services.symbols !== undefined) {
          return toSymbols(await ask(model, token, [], (document, signal) => services.symbols?.(document.path, signal)))
        }
        return headingSymbols(model)
      },
    }),
    monaco.languages.registerCodeActionProvider(languages, {
      provideCodeActions: async (model, range, context, token) => {
        const fixes = await ask(model, token, [], (document, signal) => services.fixes?.(document.path, toRange(range), signal))
        const actions = fixes.map((fix): monaco.languages.CodeAction => {
          // Files that are not open are edited only when the fix is chosen.
          const command = { id: APPLY_FIX, title: fix.title, arguments: [documents, fix] }
          return { title: fix.title, kind: 'quickfix', isPreferred: fix.preferred ?? false, diagnostics: context.markers, command }
        })
        return { actions, dispose: () => {} }
      },
    }),
    monaco.languages.registerFoldingRangeProvider(languages, {
      provideFoldingRanges: async (model, _context, token) => {
        const given = await ask(model, token, null, (document, signal) => services.folds?.(document.path, signal))
        const { FoldingRangeKind } = monaco.languages
        if (given !== null) return given.map(({ start, end, kind }) => ({ start, end, ...(kind === 'comment' ? { kind: FoldingRangeKind.Comment } : {}) }))
        return foldsOf(modelLines(model)).map(({ start, end, kind }) => ({ start, end, ...(kind === 'comment' ? { kind: FoldingRangeKind.Comment } : {}) }))
      },
    }),
    monaco.languages.registerLinkedEditingRangeProvider([...LATEX_LANGUAGES], {
      provideLinkedEditingRanges: (model, position) => {
        const lines = modelLines(model)
        const tag = tagAt(lines, position.lineNumber, position.column)
        if (tag === null || position.column < tag.startColumn || position.column > tag.endColumn) return null
        const partner = partnerOf(lines, tag)
        if (partner === null) return null
        return {
          ranges: [tag, partner].map(({ line, startColumn, endColumn }) => new monaco.Range(line, startColumn, line, endColumn)),
          wordPattern: /[^\s{}\\%]*/,
        }
      },
    }),
    monaco.editor.registerEditorOpener({
      openCodeEditor: (_source, resource, place) => {
        if (resource.scheme !== 'quire' || services.open === undefined) return false
        const range = place === undefined ? undefined : 'startLineNumber' in place ? place : monaco.Range.fromPositions(place)
        services.open({ path: documents.pathOf(resource), range: toRange(range ?? new monaco.Range(1, 1, 1, 1)) })
        return true
      },
    }),
    monaco.editor.registerCommand(APPLY_FIX, (_accessor: unknown, owner: EditorDocuments, fix: Fix) => {
      if (owner !== documents) return
      if (fix.run !== undefined) fix.run()
      else void applyFix(documents, fix.files)
    }),
    monaco.editor.registerCommand(COMPLETED, (_accessor: unknown, owner: EditorDocuments, files: readonly FileEdits[], continues: boolean) => {
      if (owner !== documents) return
      void applyFix(documents, files)
      const editor = monaco.editor.getEditors().find((one) => one.hasTextFocus())
      if (continues) editor?.trigger('completion', 'editor.action.triggerSuggest', { auto: true })
    }),
  ]
  return { dispose: () => registrations.forEach((registration) => registration.dispose()) }
}

const APPLY_FIX = 'quire.applyFix'
const COMPLETED = 'quire.completed'

/** What is done beside inserting: edits of the same text by Monaco, the others afterwards. */
function alsoEdits(item: Completion, path: string, documents: EditorDocuments): Partial<monaco.languages.CompletionItem> {
  const own = (item.edits ?? []).filter((file) => file.path === path).flatMap((file) => file.edits)
  const others = (item.edits ?? []).filter((file) => file.path !== path)
  const continues = item.continues === true
  return {
    ...(own.length === 0 ? {} : { additionalTextEdits: own.map(({ range, text }) => ({ range: toMonacoRange(range), text })) }),
    ...(others.length === 0 && !continues ? {} : { command: { id: COMPLETED, title: '', arguments: [documents, others, continues] } }),
  }
}

/** Makes the edits of a fix, as one step of undo in each open file. */
export async function applyFix(documents: EditorDocuments, files: readonly FileEdits[]): Promise<void> {
  for (const { path, edits } of files) {
    const model = documents.get(path)?.model
    if (model === undefined) continue
    model.pushStackElement()
    model.pushEditOperations([], edits.map(({ range, text }) => ({ range: toMonacoRange(range), text })), () => null)
    model.pushStackElement()
  }
  const closed = files.filter((file) => documents.get(file.path) === undefined)
  if (closed.length > 0) await documents.services.applyEdits?.(closed)
}

function headingSymbols(model: monaco.editor.ITextModel): monaco.languages.DocumentSymbol[] {
  const roots: monaco.languages.DocumentSymbol[] = []
  const open: { level: number; children: monaco.languages.DocumentSymbol[] }[] = []
  for (const { level, title, line, lastLine } of headingsOf(modelLines(model))) {
    while ((open.at(-1)?.level ?? -1) >= level) open.pop()
    const children: monaco.languages.DocumentSymbol[] = []
    const symbol = {
      name: title === '' ? ' ' : title,
      detail: '',
      kind: SYMBOL.section,
      tags: [],
      range: new monaco.Range(line, 1, lastLine, model.getLineMaxColumn(lastLine)),
      selectionRange: wholeLine(model, line),
      children,
    }
    ;(open.at(-1)?.children ?? roots).push(symbol)
    open.push({ level, children })
  }
  return roots
}
