// The words of the document, counted again a while after each edit.
import { create } from 'zustand'
import { commands, type ProjectId, type ProjectPath, type WordCount, type Words } from '../../ipc/generated'

export const useWordCount = create<{ count: WordCount | null; open: boolean }>(() => ({ count: null, open: false }))

export async function countWords(project: ProjectId, path: ProjectPath): Promise<void> {
  try {
    useWordCount.setState({ count: await commands.wordCount({ project, path }) })
  } catch {
    // The file was closed in between.
    useWordCount.setState({ count: null })
  }
}

/** What a reader reads: text, titles, captions, footnotes. */
export function allWords(words: Words): number {
  return words.body + words.headings + words.captions + words.footnotes
}

export function showWordCount(open: boolean): void {
  useWordCount.setState({ open })
}
