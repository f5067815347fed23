import { expect, it } from 'vitest'
import type { TreeNode } from '../../design/treeModel'
import type { FileEntry } from '../../ipc/generated'
import { fileNodes, folderFor, freeName, moveTargets } from './fileNodes'

const files = (...paths: string[]): FileEntry[] => paths.map((path) => ({ path, kind: 'text', document: null, contents: null }))
const shown = (nodes: readonly TreeNode[]): string => nodes.map((node) => (node.children ? `${node.label}(${shown(node.children)})` : node.label)).join(' ')

it('puts folders before files and 2 before 10', () => {
  const nodes = fileNodes(files('main.tex', 'ch/10.tex', 'ch/2.tex', 'Abc.bib', 'a/b/c.tex'), ['empty'], 'main.tex')
  expect(shown(nodes)).toBe('a(b(c.tex)) ch(2.tex 10.tex) empty() Abc.bib main.tex')
  expect(nodes.at(-1)?.badge).toBe('main')
})

it('finds where new files go, and names for them', () => {
  const nodes = fileNodes(files('main.tex', 'ch/one.tex'), [], null)
  expect([folderFor('ch', nodes), folderFor('ch/one.tex', nodes), folderFor('main.tex', nodes), folderFor(null, nodes)]).toEqual(['ch', 'ch', '', ''])
  expect(freeName('ch', 'one.tex', new Set(['ch/one.tex', 'ch/one-2.tex']))).toBe('ch/one-3.tex')
  expect(freeName('', 'folder', new Set())).toBe('folder')
})

it('offers folders to move to, but not where a file is and no folder to itself', () => {
  const nodes = fileNodes(files('main.tex', 'ch/one.tex', 'ch/deep/two.tex'), ['img'], null)
  expect(moveTargets(['main.tex'], nodes)).toEqual(['ch', 'ch/deep', 'img'])
  expect(moveTargets(['ch/one.tex'], nodes)).toEqual(['', 'ch/deep', 'img'])
  expect(moveTargets(['ch'], nodes)).toEqual(['img'])
  expect(moveTargets(['main.tex', 'ch/one.tex'], nodes)).toEqual(['', 'ch', 'ch/deep', 'img'])
})
