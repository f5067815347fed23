// Every component at a glance, for people who change them: `npm run dev`, then /gallery.html. Not in the build.
// ?theme=dark, ?scale=2 and ?show=editor choose what is seen.
import { createRoot } from 'react-dom/client'
import '../design/tokens.css'
import { applyScale, applyTheme } from '../design/theme'
import { Components } from './Components'
import './gallery.css'

const query = new URLSearchParams(location.search)
applyTheme(query.get('theme') === 'dark' ? 'dark' : 'light')
applyScale(Number(query.get('scale') ?? 1))

const root = document.getElementById('root')
if (root === null) throw new Error('gallery.html has no #root')
createRoot(root).render(<Components open={query.get('open')} />)
