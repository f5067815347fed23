// The only place that imports from lucide: an icon that is not in this table is not in the program.
import {
  Archive, ArrowLeft, ArrowRight, Bell, Bold, BookOpen, BookText, Check, ChevronDown, ChevronRight, ChevronsUpDown, ChevronUp,
  CircleAlert, CircleCheck, CircleStop, CircleX, Clock, Columns2, Copy, Download, Ellipsis, ExternalLink, Eye, File, FileCode,
  FileImage, FilePlus, FileText, FileType, Folder, FolderInput, FolderOpen, FolderPlus, Hash, History, Import, Info, Italic, Keyboard,
  LayoutGrid, Lightbulb, Link, List, ListTree, Locate, Maximize, MessageSquare, MessageSquarePlus, Minus, Moon, PanelBottom, PanelLeft, PanelRight, Pencil, Pin, Play,
  Plus, Presentation, Printer, Quote, Redo2, RefreshCw, Replace, RotateCcw, Save, Search, Settings, Sigma, SpellCheck, Square, Star,
  Sun, Table, Tag, Terminal, Trash2, TriangleAlert, Undo2, Upload, UserPen, Users, WrapText, X, Zap, ZapOff, ZoomIn, ZoomOut,
} from 'lucide-react'

const ICONS = {
  archive: Archive, 'arrow-left': ArrowLeft, 'arrow-right': ArrowRight, bell: Bell, bibliography: BookText, bold: Bold, book: BookOpen,
  check: Check, 'chevron-down': ChevronDown, 'chevron-right': ChevronRight, 'chevron-up': ChevronUp, clock: Clock, close: X,
  columns: Columns2, copy: Copy, download: Download, error: CircleX, external: ExternalLink, eye: Eye, file: File,
  'file-code': FileCode, 'file-image': FileImage, 'file-new': FilePlus, 'file-pdf': FileType, 'file-text': FileText, folder: Folder,
  'folder-import': FolderInput, 'folder-new': FolderPlus, 'folder-open': FolderOpen, grid: LayoutGrid, history: History,
  image: FileImage, import: Import, info: Info, italic: Italic, keyboard: Keyboard, label: Hash, lightbulb: Lightbulb, link: Link,
  list: List, live: Zap, 'live-off': ZapOff, locate: Locate, maximize: Maximize, comment: MessageSquare, 'comment-new': MessageSquarePlus, minus: Minus, moon: Moon, more: Ellipsis, notice: CircleAlert, outline: ListTree,
  'panel-bottom': PanelBottom, 'panel-left': PanelLeft, 'panel-right': PanelRight, pencil: Pencil, people: Users, pin: Pin, play: Play,
  plus: Plus, presentation: Presentation, print: Printer, quote: Quote, redo: Redo2, refresh: RefreshCw, replace: Replace,
  restore: RotateCcw, save: Save, search: Search, settings: Settings, sigma: Sigma, spelling: SpellCheck, square: Square, star: Star,
  stop: CircleStop, suggest: UserPen, success: CircleCheck, sun: Sun, table: Table, tag: Tag, terminal: Terminal, trash: Trash2, undo: Undo2,
  'up-down': ChevronsUpDown, upload: Upload, warning: TriangleAlert, wrap: WrapText, 'zoom-in': ZoomIn, 'zoom-out': ZoomOut,
} as const

/** The icons of the program. Add the ones you need to the table. */
export type IconName = keyof typeof ICONS

/** A line icon in the colour of the text, `size` in rem. Decorative: the control around it carries the label. */
export function Icon({ name, size = 1, className }: { name: IconName; size?: number; className?: string | undefined }) {
  const Glyph = ICONS[name]
  return <Glyph className={className} size={`${size}rem`} strokeWidth={1.75} aria-hidden focusable={false} style={{ flex: 'none' }} />
}
