// Each line's tokens as `kind‹text›`; white space and plain text stay as they are.
import { beforeAll, describe, expect, test } from 'vitest'
import { monaco } from '../monaco'
import { registerLanguages } from './registerLanguages'

beforeAll(() => registerLanguages())

function coloured(text: string, language = 'latex'): string[] {
  const lines = text.split('\n')
  return monaco.editor.tokenize(text, language).map((tokens, index) => {
    const line = lines[index] ?? ''
    return tokens
      .map((token, at) => {
        const piece = line.slice(token.offset, tokens[at + 1]?.offset ?? line.length)
        return token.type === '' || piece.trim() === '' ? piece : `${token.type}‹${piece}›`
      })
      .join('')
  })
}

describe('LaTeX', () => {
  test('structure, options, names', () => {
    expect(coloured(String.raw`\documentclass[a4paper]{article} % why`)).toEqual([
      String.raw`structure‹\documentclass›bracket‹[›optional‹a4paper›bracket‹]{›reference‹article›bracket‹}› comment‹% why›`,
    ])
  })
  test('an escaped percent sign is no comment', () => {
    expect(coloured(String.raw`5\,\% of`)).toEqual([String.raw`5command‹\,\%› of`])
  })
  test('a magic comment', () => {
    expect(coloured('% !TEX root = main.tex')).toEqual(['comment.magic‹% !TEX root = main.tex›'])
  })
  test('inline and display maths', () => {
    expect(coloured(String.raw`a $x^2$ b \(y\) c`)).toEqual([
      String.raw`a delimiter.maths‹$›maths‹x›special‹^›maths‹2›delimiter.maths‹$› b delimiter.maths‹\(›maths‹y›delimiter.maths‹\)› c`,
    ])
    expect(coloured('\\[\n  \\alpha\n\\]\nend')).toEqual(['delimiter.maths‹\\[›', '  command.maths‹\\alpha›', 'delimiter.maths‹\\]›', 'end'])
  })
  test('a forgotten dollar sign ends with the paragraph', () => {
    expect(coloured('a $x\n\ntext')).toEqual(['a delimiter.maths‹$›maths‹x›', '', 'text'])
  })
  test('a maths environment with text inside, up to its own end', () => {
    expect(coloured('\\begin{align*}\na &= \\text{if } \\label{eq:x}\\\\\n\\begin{cases}1\\end{cases}\n\\end{align*}\nx')).toEqual([
      'structure‹\\begin›bracket‹{›environment‹align*›bracket‹}›',
      'maths‹a› special‹&›maths‹=› command‹\\text›bracket‹{›if bracket‹}› command‹\\label›bracket‹{›reference‹eq:x›bracket‹}›command.maths‹\\\\›',
      'structure‹\\begin›bracket‹{›environment‹cases›bracket‹}›maths‹1›structure‹\\end›bracket‹{›environment‹cases›bracket‹}›',
      'structure‹\\end›bracket‹{›environment‹align*›bracket‹}›',
      'x',
    ])
  })
  test('code is not LaTeX', () => {
    expect(coloured('\\begin{lstlisting}\n$x % \\end{verbatim}\n\\end{lstlisting}\n$y$')).toEqual([
      'structure‹\\begin›bracket‹{›environment‹lstlisting›bracket‹}›',
      'string.verbatim‹$x % \\end{verbatim}›',
      'structure‹\\end›bracket‹{›environment‹lstlisting›bracket‹}›',
      'delimiter.maths‹$›maths‹y›delimiter.maths‹$›',
    ])
    expect(coloured('\\verb|%$| and \\verb+\\x+')).toEqual([
      'command‹\\verb›bracket‹|›string.verbatim‹%$›bracket‹|› and command‹\\verb›bracket‹+›string.verbatim‹\\x›bracket‹+›',
    ])
  })
  test('citations: options, several keys', () => {
    expect(coloured(String.raw`\parencite[see][12]{knuth84, lamport}~x`)).toEqual([
      String.raw`command‹\parencite›bracket‹[›optional‹see›bracket‹][›optional‹12›bracket‹]{›reference‹knuth84›bracket‹,› reference‹lamport›bracket‹}›special‹~›x`,
    ])
  })
  test('a heading, with maths in it', () => {
    expect(coloured(String.raw`\section*{On $n$ leaves}`)).toEqual([
      String.raw`structure‹\section*›bracket‹{›title‹On ›delimiter.maths‹$›maths‹n›delimiter.maths‹$›title‹ leaves›bracket‹}›`,
    ])
  })
  test('sectional names that only begin so are other commands', () => {
    expect(coloured(String.raw`\sectionmark{x}`)).toEqual([String.raw`command‹\sectionmark›bracket‹{›xbracket‹}›`])
  })
  test('at-letters in packages only', () => {
    expect(coloured(String.raw`\@foo@bar`, 'latex-package')).toEqual([String.raw`command‹\@foo@bar›`])
    expect(coloured(String.raw`\foo@bar`)).toEqual([String.raw`command‹\foo›@bar`])
    expect(coloured(String.raw`\tl_set:Nn \l_tmpa_tl`, 'latex-package')).toEqual([String.raw`command‹\tl_set:Nn› command‹\l_tmpa_tl›`])
  })
})

describe('BibTeX', () => {
  test('an entry', () => {
    expect(coloured('@book{knuth84,\n  title = {The {\\TeX}book},\n  year = 1984, month = jan # "~1",\n}\nfree text', 'bibtex')).toEqual([
      'structure‹@book›bracket‹{›reference‹knuth84›bracket‹,›',
      '  command‹title› bracket‹=› bracket‹{›string‹The ›bracket‹{›command.maths‹\\TeX›bracket‹}›string‹book›bracket‹},›',
      '  command‹year› bracket‹=› number‹1984›bracket‹,› command‹month› bracket‹=› variable‹jan› special‹#› bracket‹"›string‹~1›bracket‹",›',
      'bracket‹}›',
      'comment‹free text›',
    ])
  })
  test('strings and comments', () => {
    expect(coloured('@string{acm = "ACM"}\n@comment{x {y}} z', 'bibtex')).toEqual([
      'structure‹@string›bracket‹{›command‹acm› bracket‹="›string‹ACM›bracket‹"}›'.replace('="', '=› bracket‹"'),
      'comment‹@comment{x {y}} z›',
    ])
  })
  test('an entry that was left open does not swallow the next', () => {
    expect(coloured('@book{a, title = {x\n@misc{b,', 'bibtex')[1]).toEqual('structure‹@misc›bracket‹{›reference‹b›bracket‹,›')
  })
})
