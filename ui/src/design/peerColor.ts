// Each co-author has a colour, the same in every window: it follows from who he is.

/** So many are in tokens.css. */
const COLORS = 8

/** The class that sets `--peer` and `--peer-soft` for somebody. */
export function peerClass(user: string): string {
  let hash = 0
  for (let at = 0; at < user.length; at += 1) hash = (Math.imul(hash, 31) + user.charCodeAt(at)) >>> 0
  return `q-peer-${hash % COLORS}`
}
