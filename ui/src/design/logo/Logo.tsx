// The mark: three sheets folded into one another, which is a quire. The window's icon (src-tauri/icons/icon.svg)
// has the same sheets on a ground; keep the two alike.
import './logo.css'

const SHEETS = [
  { layer: 'outer', path: 'M256 446 78 357V170l178 89 178-89v187z' },
  { layer: 'middle', path: 'M256 376 104 300V124l152 76 152-76v176z' },
  { layer: 'inner', path: 'M256 306 130 243V78l126 63 126-63v165z' },
] as const

/** Quire's mark, `size` in rem. Decorative unless it has a label. */
export function Logo({ size = 2, label }: { size?: number | undefined; label?: string | undefined }) {
  return (
    <svg
      className="q-logo"
      viewBox="60 50 392 420"
      style={{ width: `${size}rem`, height: `${size}rem` }}
      {...(label === undefined ? { 'aria-hidden': true } : { role: 'img', 'aria-label': label })}
    >
      <clipPath id="q-logo-right">
        <rect x="256" width="256" height="512" />
      </clipPath>
      {SHEETS.map(({ layer, path }) => (
        <g key={layer} className={`q-logo-${layer}`}>
          <path d={path} />
          <path d={path} className="q-logo-shade" clipPath="url(#q-logo-right)" />
        </g>
      ))}
    </svg>
  )
}
