// Entry of every window.
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import '../design/tokens.css'
import { applyTheme } from '../design/theme'
import { App } from './App'

const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no #root')
applyTheme('system')
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
)
