// Written by `cargo xtask bindings` from crates/ipc. Do not edit: a test compares it.

import { call } from './call'

/**
 * Files on disk and the folder of the project they come into.
 */
export type AddFiles = { project: ProjectId, 
/**
 * Empty for the top.
 */
folder: string, 
/**
 * Absolute paths of files and folders.
 */
places: Array<string>, };

/**
 * Which problem's fix.
 */
export type ApplyFix = { project: ProjectId, problem: Array<number>, };

/**
 * A line of a source.
 */
export type AreasOfLine = { project: ProjectId, path: ProjectPath, line: number, };

/**
 * A file after an update.
 */
export type AtUpdate = { project: ProjectId, path: ProjectPath, at: number, };

/**
 * Which build.
 */
export type Build = { project: ProjectId, 
/**
 * From nothing, without what earlier builds left.
 */
clean: boolean, };

/**
 * What came of a build.
 */
export type BuildReport = { 
/**
 * How it ended.
 */
outcome: Outcome, 
/**
 * The file that was built.
 */
root: ProjectPath | null, 
/**
 * What to tell the author.
 */
problems: Array<Problem>, 
/**
 * Number of pages.
 */
pages: number, 
/**
 * Passes of TeX.
 */
passes: number, 
/**
 * How long it took, in milliseconds.
 */
wallMs: number, 
/**
 * Nothing had changed since the last build.
 */
upToDate: boolean, 
/**
 * The revision of the project that was built.
 */
revision: number, };

/**
 * How it stands with builds of a project.
 */
export type BuildState = { "type": "idle" } | { "type": "running", 
/**
 * The pass, counted from one; 0 before the first.
 */
pass: number, 
/**
 * Pages shipped in this pass.
 */
page: number, 
/**
 * What is being done, for people.
 */
doing: string, };

/**
 * A new text file.
 */
export type CreateFile = { project: ProjectId, path: ProjectPath, text: string, };

/**
 * What a new project is called.
 */
export type CreateProject = { name: string, };

/**
 * What a window may react to.
 */
export type ErrorCode = "disk" | "database" | "notFound" | "exists" | "invalid" | "outdated" | "noPages" | "installation" | "file" | "closing";

/**
 * Something happened.
 */
export type Event = { "type": "galleryChanged" } | { "type": "settingsChanged", 
/**
 * All of them.
 */
settings: Settings, } | { "type": "filesChanged", 
/**
 * The project.
 */
project: ProjectId, 
/**
 * All of them, sorted by path.
 */
files: Array<FileEntry>, 
/**
 * Folders without files.
 */
emptyFolders: Array<ProjectPath>, } | { "type": "fileMoved", 
/**
 * The project.
 */
project: ProjectId, 
/**
 * Where it was.
 */
from: ProjectPath, 
/**
 * Where it is.
 */
to: ProjectPath, } | { "type": "saving", 
/**
 * The project.
 */
project: ProjectId, 
/**
 * How it stands.
 */
state: SaveState, } | { "type": "build", 
/**
 * The project.
 */
project: ProjectId, 
/**
 * How it stands.
 */
state: BuildState, } | { "type": "built", 
/**
 * The project.
 */
project: ProjectId, 
/**
 * What came of it.
 */
report: BuildReport, } | { "type": "previewChanged", 
/**
 * The project.
 */
project: ProjectId, 
/**
 * What there is now.
 */
preview: PreviewInfo, } | { "type": "notice", 
/**
 * The project, if it is about one.
 */
project: ProjectId | null, 
/**
 * What to say.
 */
notice: Notice, };

/**
 * A file as the tree shows it.
 */
export type FileEntry = { 
/**
 * Its path.
 */
path: ProjectPath, 
/**
 * What to show it as.
 */
kind: FileEntryKind, };

/**
 * What a file is shown as.
 */
export type FileEntryKind = "text" | "picture" | "pdf" | "binary";

/**
 * A file of a project, whatever it is called.
 */
export type FileId = string;

/**
 * A folder on disk.
 */
export type FolderPath = { folder: string, };

/**
 * A file with matches.
 */
export type FoundFile = { 
/**
 * The file.
 */
path: ProjectPath, 
/**
 * Matches in order.
 */
lines: Array<FoundLine>, };

/**
 * One match.
 */
export type FoundLine = { 
/**
 * Where it is.
 */
range: Range, 
/**
 * What stands before it in its line.
 */
before: string, 
/**
 * What was found, of the first line.
 */
found: string, 
/**
 * What stands behind it.
 */
after: string, };

/**
 * What the gallery shows.
 */
export type GalleryPage = { 
/**
 * The projects that match, the last opened first.
 */
projects: Array<ProjectCard>, 
/**
 * All tags in use.
 */
tags: Array<Tag>, };

/**
 * A stretch of work on a file.
 */
export type HistoryEntry = { 
/**
 * Its first update.
 */
first: number, 
/**
 * Its last update: what to ask [`Workbench::old_text`] for.
 */
last: number, 
/**
 * When it began.
 */
began: UnixMs, 
/**
 * When it ended.
 */
ended: UnixMs, 
/**
 * Who wrote.
 */
author: string, 
/**
 * Names given to states in it.
 */
names: Array<string>, };

/**
 * Which projects to show.
 */
export type ListProjects = { shelf: Shelf, 
/**
 * Words of names and tags.
 */
search: string, tag: string | null, };

/**
 * Where a file goes.
 */
export type MoveFile = { project: ProjectId, from: ProjectPath, to: ProjectPath, };

/**
 * A name for the present state of a file.
 */
export type NameVersion = { project: ProjectId, path: ProjectPath, name: string, };

/**
 * A project and a name for it.
 */
export type NamedProject = { project: ProjectId, name: string, };

/**
 * Something to tell the author.
 */
export type Notice = { 
/**
 * How bad it is.
 */
level: NoticeLevel, 
/**
 * A sentence or two.
 */
text: string, };

/**
 * How bad something is.
 */
export type NoticeLevel = "info" | "warning" | "error";

/**
 * A file as it was.
 */
export type OldText = { 
/**
 * The text.
 */
text: string, 
/**
 * Updates that a repair of the database could not save: the text may lack something.
 */
missing: number, };

/**
 * A file or folder of a project.
 */
export type OneFile = { project: ProjectId, path: ProjectPath, };

/**
 * A project.
 */
export type OneProject = { project: ProjectId, };

/**
 * How a build ended.
 */
export type Outcome = "clean" | "warnings" | "errors" | "stopped" | "cancelled" | "notBegun";

/**
 * A line of text on a page, in PDF points from its upper left corner.
 */
export type PageArea = { 
/**
 * The page, counted from zero.
 */
page: number, 
/**
 * Left edge.
 */
x: number, 
/**
 * Upper edge.
 */
y: number, 
/**
 * To the right.
 */
width: number, 
/**
 * Downwards.
 */
height: number, };

/**
 * Size of a page in PDF points, 72 to an inch.
 */
export type PageBox = { 
/**
 * To the right.
 */
width: number, 
/**
 * Downwards.
 */
height: number, };

/**
 * A position in a text.
 */
export type Position = { 
/**
 * Counted from one.
 */
line: number, 
/**
 * Counted from one, in UTF-16 code units.
 */
column: number, };

/**
 * What a window needs to lay out pages.
 */
export type PreviewInfo = { 
/**
 * Part of the address of every picture: another build has another number.
 */
number: number, 
/**
 * The size of each page.
 */
pages: Array<PageBox>, 
/**
 * The file that was built.
 */
root: ProjectPath, };

/**
 * One thing to tell the author.
 */
export type Problem = { 
/**
 * Stable name of the rule.
 */
code: string, 
/**
 * How bad it is.
 */
severity: ProblemSeverity, 
/**
 * The file of the project.
 */
path: ProjectPath | null, 
/**
 * The file of the bundle or of TeX itself, which the author cannot change.
 */
foreign: string | null, 
/**
 * Where in the file.
 */
range: Range | null, 
/**
 * TeX's message.
 */
message: string, 
/**
 * What it means and what to do.
 */
explanation: string, 
/**
 * What would cure it.
 */
fix: ProblemFix | null, 
/**
 * What this one caused.
 */
caused: Array<Problem>, };

/**
 * What would cure a problem.
 */
export type ProblemFix = { 
/**
 * What it does.
 */
title: string, 
/**
 * It can be done with one click; else by hand.
 */
isAutomatic: boolean, };

/**
 * How bad a problem is.
 */
export type ProblemSeverity = "hint" | "warning" | "error";

/**
 * A project as the gallery shows it.
 */
export type ProjectCard = { 
/**
 * The project.
 */
id: ProjectId, 
/**
 * Its name.
 */
name: string, 
/**
 * When it was last opened.
 */
opened: UnixMs, 
/**
 * When it was made.
 */
created: UnixMs, 
/**
 * Since when it is where it is (in the archive, in the trash).
 */
since: UnixMs, 
/**
 * Sorted.
 */
tags: Array<string>, 
/**
 * The folder on disk that it lives in.
 */
folder: string | null, 
/**
 * There is a picture of its first page.
 */
hasPage: boolean, };

/**
 * A project. Shown, and sent, as 32 lower-case hexadecimal digits like every id.
 */
export type ProjectId = string;

/**
 * A normalised path of a file in a project, such as `chapters/über uns.tex`.
 */
export type ProjectPath = string;

/**
 * The settings of one project.
 */
export type ProjectSettings = { 
/**
 * Words that are spelled right in this project.
 */
words: Array<string>, 
/**
 * Language for spelling, such as `de`; the document's own when absent.
 */
language: string | null, 
/**
 * Folders without files, which the database has no other place for.
 */
emptyFolders: Array<ProjectPath>, 
/**
 * What the window keeps: open tabs, places of cursors.
 */
window: Record<string, unknown> | null, };

/**
 * What a window needs to show a project.
 */
export type ProjectView = { 
/**
 * The project.
 */
id: ProjectId, 
/**
 * Its name.
 */
name: string, 
/**
 * The folder on disk that it lives in.
 */
folder: string | null, 
/**
 * Its files, sorted by path.
 */
files: Array<FileEntry>, 
/**
 * Folders without files.
 */
emptyFolders: Array<ProjectPath>, 
/**
 * The file that is built, when it was chosen by hand.
 */
root: ProjectPath | null, 
/**
 * The engine.
 */
engine: string, 
/**
 * Its settings.
 */
settings: ProjectSettings, 
/**
 * The pages of the last build.
 */
preview: PreviewInfo | null, 
/**
 * Some names in the folder cannot be used, or there are too many files; for people.
 */
leftOut: string | null, };

/**
 * From a position up to and without another.
 */
export type Range = { 
/**
 * First position.
 */
start: Position, 
/**
 * The position behind the last.
 */
end: Position, };

/**
 * What to replace.
 */
export type ReplaceAll = { project: ProjectId, query: SearchQuery, replacement: string, 
/**
 * Only in these files.
 */
only: Array<ProjectPath> | null, };

/**
 * How much was replaced.
 */
export type Replaced = { places: number, files: number, };

/**
 * Which file comes back.
 */
export type RestoreFile = { project: ProjectId, file: FileId, };

/**
 * Whether all edits of a project are on the disk.
 */
export type SaveState = { "type": "saved" } | { "type": "saving" } | { "type": "failed", 
/**
 * Why, for people.
 */
reason: string, };

/**
 * What to look for.
 */
export type Search = { project: ProjectId, query: SearchQuery, };

/**
 * What to look for.
 */
export type SearchQuery = { 
/**
 * Text, or an expression.
 */
text: string, 
/**
 * It is a regular expression.
 */
isRegex: boolean, 
/**
 * Upper and lower case differ.
 */
matchCase: boolean, 
/**
 * Only whole words.
 */
wholeWord: boolean, };

/**
 * What was found.
 */
export type SearchResult = { 
/**
 * File by file.
 */
files: Array<FoundFile>, 
/**
 * How many matches there are, shown or not.
 */
matches: number, };

/**
 * Which engine.
 */
export type SetEngine = { project: ProjectId, engine: string, };

/**
 * The settings of a project to be.
 */
export type SetProjectSettings = { project: ProjectId, settings: ProjectSettings, };

/**
 * Which file is built.
 */
export type SetRoot = { project: ProjectId, path: ProjectPath | null, };

/**
 * The global settings to be.
 */
export type SetSettings = { settings: Settings, };

/**
 * Where to put a project.
 */
export type SetShelf = { project: ProjectId, shelf: Shelf, };

/**
 * Tags for a project.
 */
export type SetTags = { project: ProjectId, tags: Array<string>, };

/**
 * The global settings. What the window alone understands (theme, fonts, keys, layout) is one object
 * that only it looks into.
 */
export type Settings = { 
/**
 * Build a second after the last keystroke.
 */
buildWhileTyping: boolean, 
/**
 * Build when the author saves.
 */
buildOnSave: boolean, 
/**
 * What the window keeps: its own settings.
 */
window: Record<string, unknown>, };

/**
 * Where a project is kept.
 */
export type Shelf = "active" | "archived" | "trashed";

/**
 * A point of a page, in PDF points from its upper left corner.
 */
export type SourceAt = { project: ProjectId, page: number, x: number, y: number, };

/**
 * A line of a source.
 */
export type SourcePlace = { 
/**
 * The file.
 */
path: ProjectPath, 
/**
 * Counted from one.
 */
line: number, };

/**
 * A tag and how many projects have it.
 */
export type Tag = { 
/**
 * The tag.
 */
name: string, 
/**
 * How many have it.
 */
projects: number, };

/**
 * A file in the trash.
 */
export type TrashedFile = { file: FileId, path: ProjectPath, };

/**
 * Milliseconds since 1970-01-01 00:00 UTC. May step back when the user's clock is set: order comes
 * from sequence numbers, never from times.
 */
export type UnixMs = number;

/**
 * What a window shows when a command fails.
 */
export type UserError = { 
/**
 * Stable name, for the window to react to.
 */
code: ErrorCode, 
/**
 * What happened, a sentence.
 */
message: string, 
/**
 * What to do; may be empty.
 */
advice: string, };

/** What the application does for a window. */
export const commands = {
  /** The projects on a shelf. */
  listProjects: (arguments_: ListProjects): Promise<GalleryPage> => call('listProjects', arguments_),
  /** Make an empty project with a first document. */
  createProject: (arguments_: CreateProject): Promise<ProjectId> => call('createProject', arguments_),
  /** Make a project of a folder on disk, which stays where it is. */
  linkFolder: (arguments_: FolderPath): Promise<ProjectId> => call('linkFolder', arguments_),
  /** Give a project another name. */
  renameProject: (arguments_: NamedProject): Promise<void> => call('renameProject', arguments_),
  /** Copy a project with its history. */
  duplicateProject: (arguments_: NamedProject): Promise<ProjectId> => call('duplicateProject', arguments_),
  /** Archive a project, put it into the trash, or bring it back. */
  setShelf: (arguments_: SetShelf): Promise<void> => call('setShelf', arguments_),
  /** Delete a project for good. */
  deleteProject: (arguments_: OneProject): Promise<void> => call('deleteProject', arguments_),
  /** Give a project exactly these tags. */
  setTags: (arguments_: SetTags): Promise<void> => call('setTags', arguments_),
  /** Open a project. */
  openProject: (arguments_: OneProject): Promise<ProjectView> => call('openProject', arguments_),
  /** Close a project in all windows. */
  closeProject: (arguments_: OneProject): Promise<void> => call('closeProject', arguments_),
  /** The global settings. */
  getSettings: (): Promise<Settings> => call('getSettings', null),
  /** Replace the global settings. */
  setSettings: (arguments_: SetSettings): Promise<void> => call('setSettings', arguments_),
  /** Replace the settings of a project. */
  setProjectSettings: (arguments_: SetProjectSettings): Promise<void> => call('setProjectSettings', arguments_),
  /** Make a text file. */
  createFile: (arguments_: CreateFile): Promise<void> => call('createFile', arguments_),
  /** Make a folder. */
  createFolder: (arguments_: OneFile): Promise<void> => call('createFolder', arguments_),
  /** Copy files from the disk into a project. */
  addFiles: (arguments_: AddFiles): Promise<void> => call('addFiles', arguments_),
  /** Move or rename a file or folder; with references to it, if wanted. */
  moveFile: (arguments_: MoveFile): Promise<void> => call('moveFile', arguments_),
  /** Put a file or folder into the project's trash. */
  trashFile: (arguments_: OneFile): Promise<void> => call('trashFile', arguments_),
  /** What is in the project's trash. */
  trashedFiles: (arguments_: OneProject): Promise<Array<TrashedFile>> => call('trashedFiles', arguments_),
  /** Take a file out of the trash. */
  restoreFile: (arguments_: RestoreFile): Promise<void> => call('restoreFile', arguments_),
  /** Choose the file that is built; none to let it be found. */
  setRoot: (arguments_: SetRoot): Promise<void> => call('setRoot', arguments_),
  /** Find in all texts. */
  search: (arguments_: Search): Promise<SearchResult> => call('search', arguments_),
  /** Replace in all texts, or in those given. */
  replaceAll: (arguments_: ReplaceAll): Promise<Replaced> => call('replaceAll', arguments_),
  /** Build now. */
  build: (arguments_: Build): Promise<void> => call('build', arguments_),
  /** End the build that runs. */
  cancelBuild: (arguments_: OneProject): Promise<void> => call('cancelBuild', arguments_),
  /** Choose the engine. */
  setEngine: (arguments_: SetEngine): Promise<void> => call('setEngine', arguments_),
  /** The log of the last build. */
  buildLog: (arguments_: OneProject): Promise<string> => call('buildLog', arguments_),
  /** Apply the fix of a problem: its place in the list, then among those it caused. */
  applyFix: (arguments_: ApplyFix): Promise<void> => call('applyFix', arguments_),
  /** Where a line of a source is on the pages. */
  areasOfLine: (arguments_: AreasOfLine): Promise<Array<PageArea>> => call('areasOfLine', arguments_),
  /** The source of a point of a page. */
  sourceAt: (arguments_: SourceAt): Promise<SourcePlace | null> => call('sourceAt', arguments_),
  /** The history of a file, the newest first. */
  history: (arguments_: OneFile): Promise<Array<HistoryEntry>> => call('history', arguments_),
  /** A file as it was after an update. */
  oldText: (arguments_: AtUpdate): Promise<OldText> => call('oldText', arguments_),
  /** Make a file what it was after an update. */
  restoreText: (arguments_: AtUpdate): Promise<void> => call('restoreText', arguments_),
  /** Give the present state of a file a name. */
  nameVersion: (arguments_: NameVersion): Promise<void> => call('nameVersion', arguments_),
}
