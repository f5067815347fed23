// Pictures on their way to the screen. Few are asked for at a time, the nearest to the reader first: what was
// scrolled away before its turn is never rendered. A picture is handed over when it is decoded, so that the one
// before it can be replaced without a blank in between.

/** A picture that is wanted. */
type Wanted = {
  address: string
  /** How far it is from what is looked at; the least comes first. Asked when a place is free. */
  distance: () => number
  done: (picture: HTMLImageElement | null) => void
}

/** The application renders one page after the other; the second and third keep it and the decoder busy. */
const AT_ONCE = 3

const waiting = new Set<Wanted>()
let underWay = 0

/** Asks for a picture; `done` gets it decoded, or null when there is none. The function returned cancels. */
export function wantPicture(wanted: Wanted): () => void {
  waiting.add(wanted)
  // What is wanted in the same moment is compared before the first is taken.
  queueMicrotask(takeNext)
  let cancelled = false
  const { done } = wanted
  wanted.done = (picture) => {
    if (!cancelled) done(picture)
    else if (picture !== null) dropPicture(picture)
  }
  return () => {
    cancelled = true
    waiting.delete(wanted)
  }
}

/** Takes a picture away. Its pixels go at once: without this they stay until the garbage is collected. */
export function dropPicture(picture: Element): void {
  picture.remove()
  picture.removeAttribute('src')
}

/** Takes pictures away that others were put over: both are there for two frames, so that the new ones are certainly painted. */
export function dropOnceCovered(pictures: readonly Element[]): void {
  requestAnimationFrame(() => requestAnimationFrame(() => pictures.forEach(dropPicture)))
}

function takeNext(): void {
  while (underWay < AT_ONCE && waiting.size > 0) {
    let next: Wanted | null = null
    let least = Number.POSITIVE_INFINITY
    for (const wanted of waiting) {
      const distance = wanted.distance()
      if (next === null || distance < least) [next, least] = [wanted, distance]
    }
    if (next === null) return
    waiting.delete(next)
    underWay += 1
    void fetchPicture(next).finally(() => {
      underWay -= 1
      takeNext()
    })
  }
}

async function fetchPicture({ address, done }: Wanted): Promise<void> {
  const picture = new Image()
  picture.alt = ''
  picture.draggable = false
  picture.src = address
  try {
    await picture.decode()
    done(picture)
  } catch {
    // The pages were replaced while it waited: those that come next are asked for by themselves.
    done(null)
  }
}
