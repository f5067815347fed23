// A page: its picture, and over it what is marked, what can be selected and what can be clicked.
import { memo, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { pageAddress, type Paper } from '../../ipc/addresses'
import type { PageBounds, PageBox, PageContents, PageLink, PageWord, ProjectId } from '../../ipc/generated'
import { openAddress } from '../../ipc/system'
import { attempt } from '../../state/attempt'
import { pageContents } from './contents'
import { useFind } from './find'
import type { Slot } from './layout'
import { useMarks } from './marks'
import { basedOn, nameBase, putPatch } from './patches'
import { dropOnceCovered, dropPicture, wantPicture } from './pictures'
import { port } from './port'
import { boxesOf, rangeOnPage } from './selection'
import { useShown } from './shownPages'
import { buildTextLayer, keepLayer, useSelection } from './textLayer'
import { pictureScaleWithin } from './tileModel'
import { Tiles } from './Tiles'
import { visit } from './view'

/** Says to measurements when the window first showed a page. */
const FIRST_PAGE = 'quire:first-page'

export const Page = memo(function Page({
  project,
  number,
  page,
  count,
  slot,
  size,
  pictureScale,
  isSettled,
  density,
  paper,
}: {
  project: ProjectId
  /** Which pages. */
  number: number
  page: number
  count: number
  slot: Slot
  /** In points. */
  size: PageBox
  /** Pixels to a point that the picture should have. */
  pictureScale: number
  /** Whether the slot is of that scale; while one zooms it is ahead of it. */
  isSettled: boolean
  density: number
  paper: Paper
}) {
  const picture = useRef<HTMLDivElement>(null)
  const pixels = { width: size.width * pictureScale, height: size.height * pictureScale }
  const scale = pictureScaleWithin(pictureScale, pixels)
  const livePage = useShown((state) => state.live.get(page))
  const live = livePage?.version
  const patches = livePage?.patches
  const address = pageAddress(project, live === undefined ? { build: number } : { live }, page, scale, paper)

  // The picture: the one that is there stays until the next is decoded. A layout effect, as it is what one waits for.
  useLayoutEffect(() => {
    const box = picture.current
    if (box === null) return
    const based = patches === undefined ? null : basedOn(box, patches, scale, paper)
    if (based !== null) return putPatch(box, page, based.base, based.patch)
    return wantPicture({
      address,
      distance: () => port.distance(page),
      done: (image) => {
        if (image === null) return
        nameBase(image, live, scale, paper)
        const old = [...box.children]
        box.append(image)
        if (performance.getEntriesByName(FIRST_PAGE).length === 0) performance.mark(FIRST_PAGE)
        dropOnceCovered(old)
      },
    })
  }, [address, page, live, patches, scale, paper])

  // The pixels, which go with the page.
  useEffect(() => {
    const box = picture.current
    return () => [...(box?.children ?? [])].forEach(dropPicture)
  }, [])

  return (
    <section
      className="preview-page"
      data-page={page}
      data-paper={paper}
      aria-label={`Page ${page + 1} of ${count}`}
      style={{ left: slot.x, top: slot.y, width: slot.width, height: slot.height }}
    >
      <div ref={picture} className="preview-picture" />
      {scale < pictureScale && (
        <Tiles
          project={project}
          number={number}
          live={live}
          page={page}
          slot={slot}
          scale={pictureScale}
          isSettled={isSettled}
          density={density}
          paper={paper}
        />
      )}
      <div className="preview-points">
        <Matches page={page} />
        <Words project={project} number={number} live={live} page={page} />
        <Marks page={page} />
      </div>
      {live !== undefined && <Provisional />}
    </section>
  )
})

/** A mark on a page that follows the text: what comes from other passes of TeX may be that of the last build. */
function Provisional() {
  const meaning = 'Numbers and references may still change'
  return <span className="preview-provisional" role="img" aria-label={meaning} title={meaning} />
}

const place = ({ x, y, width, height }: PageBounds) => ({ left: x, top: y, width, height })

/** Where the search found its text. */
function Matches({ page }: { page: number }) {
  const indices = useFind((state) => state.byPage.get(page))
  const matches = useFind((state) => state.matches)
  const current = useFind((state) => state.current)
  return indices?.flatMap((index) =>
    matches[index]?.bounds.map((bounds, line) => (
      <div key={`${index} ${line}`} className="preview-match" data-current={index === current || undefined} style={place(bounds)} />
    )),
  )
}

/** Where a line of the source is. */
function Marks({ page }: { page: number }) {
  const { number, areas } = useMarks()
  return areas.map((area, index) =>
    area.page === page ? <div key={`${number} ${index}`} className="preview-mark" style={place(area)} /> : null,
  )
}

/** The words of a page that follows the text are read when it has rested for so long: not while one types. */
const RESTED_MS = 300

/** Words and links, once the page stays. */
function Words({ project, number, live, page }: { project: ProjectId; number: number; live: number | undefined; page: number }) {
  const box = useRef<HTMLDivElement>(null)
  const [contents, setContents] = useState<PageContents | null>(null)

  // What the application read of the page.
  useEffect(() => {
    let isGone = false
    let cancel = () => {}
    const read = () => {
      // Not while pages fly past.
      cancel = port.whenStill(() => {
        pageContents(project, live === undefined ? { build: number } : { live }, page).then(
          (found) => isGone || setContents(found),
          () => {
            // Other pages have taken its place, and are asked for by themselves.
          },
        )
      })
    }
    const rest = live === undefined ? undefined : setTimeout(read, RESTED_MS)
    if (rest === undefined) read()
    return () => {
      isGone = true
      clearTimeout(rest)
      cancel()
    }
  }, [project, number, live, page])

  // The words, which are not React's.
  useEffect(() => {
    if (contents === null || box.current === null) return
    const layer = buildTextLayer(contents.words)
    box.current.replaceChildren(layer)
    return keepLayer(page, layer, contents.words)
  }, [contents, page])

  return (
    <>
      <div ref={box} />
      {contents !== null && <Selected page={page} words={contents.words} />}
      {contents?.links.map((link, index) => <LinkArea key={index} link={link} />)}
    </>
  )
}

/** What is selected. */
function Selected({ page, words }: { page: number; words: readonly PageWord[] }) {
  const range = useSelection((state) => state.range)
  const part = range === null ? null : rangeOnPage(range, page, words)
  return part === null ? null : boxesOf(words, part).map((bounds, line) => <div key={line} className="preview-selected" style={place(bounds)} />)
}

function LinkArea({ link }: { link: PageLink }) {
  const { place: target, address, bounds } = link
  const label = target === null ? (address ?? 'Link') : `Go to page ${target.page + 1}`
  return (
    <button
      type="button"
      tabIndex={-1}
      className="preview-link"
      style={place(bounds)}
      aria-label={label}
      title={label}
      onClick={(event) => {
        // With Ctrl it is the way to the source.
        if (event.ctrlKey || event.metaKey) return
        if (target !== null) visit(target)
        else if (address !== null) void attempt(() => openAddress(address), 'The address cannot be opened.')
      }}
    />
  )
}
