// Every component at a glance, for people who change them: `npm run dev`, then /gallery.html. Not in the build.
// ?theme=dark, ?scale=2 and ?show=editor choose what is seen.
import { createRoot } from 'react-dom/client'
import '../design/tokens.css'
import { applyScale, applyTheme } from '../design/theme'
import { Components } from './Components'
import { EditorSample } from './EditorSample'
import './gallery.css'

const query = new URLSearchParams(location.search)
const theme = query.get('theme') === 'dark' ? 'dark' : 'light'
const scale = Number(query.get('scale') ?? 1)
applyTheme(theme)
applyScale(scale)

const root = document.getElementById('root')
if (root === null) throw new Error('gallery.html has no #root')
createRoot(root).render(query.get('show') === 'editor' ? <EditorSample theme={theme} scale={scale} query={query} /> : <Components open={query.get('open')} />)
