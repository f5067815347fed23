// Entry of every window.
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import '../design/tokens.css'
import { applyTheme } from '../design/theme'
import { App } from './App'
import { begin } from './begin'

const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no #root')
// What the application is asked is on its way while the window is drawn.
begin()
applyTheme('system')
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
)
