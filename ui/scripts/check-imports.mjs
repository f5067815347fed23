// House rules that a linter's rule table cannot say: which layer may import which, where Rust may be called,
// no barrel files, no file beyond 500 lines.
import { readFileSync, readdirSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const source = resolve(dirname(fileURLToPath(import.meta.url)), '../src')
const LINES_LIMIT = 500
const MAY_USE = {
  ipc: ['ipc'],
  design: ['design'],
  state: ['ipc', 'state', 'design'],
  features: ['ipc', 'state', 'design', 'features'],
  app: ['ipc', 'state', 'design', 'features', 'app'],
  gallery: ['design', 'features', 'gallery'],
}

const faults = []
for (const entry of readdirSync(source, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !/\.(ts|tsx|css)$/.test(entry.name)) continue
  const path = join(entry.parentPath, entry.name)
  const name = relative(source, path)
  const text = readFileSync(path, 'utf8')
  const [layer, feature] = name.split('/')
  const generated = text.startsWith('// Generated')
  const lines = text.split('\n').length
  if (lines > LINES_LIMIT && !generated) faults.push(`${name}: ${lines} lines, the limit is ${LINES_LIMIT}`)
  if (/^export \* from/m.test(text) && !generated) faults.push(`${name}: a barrel file: import from where things are`)
  for (const [, target] of text.matchAll(/\b(?:from|import)\s*\(?\s*['"]([^'"]+)['"]/g)) {
    if (target.startsWith('@tauri-apps/') && layer !== 'ipc') faults.push(`${name}: only ipc/ talks to Rust (${target})`)
    if (!target.startsWith('.')) continue
    const [toLayer, toFeature] = relative(source, resolve(dirname(path), target)).split('/')
    if (layer in MAY_USE && !MAY_USE[layer].includes(toLayer)) faults.push(`${name}: ${layer}/ may not import ${toLayer}/`)
    if (layer === 'features' && toLayer === 'features' && toFeature !== feature) {
      faults.push(`${name}: features do not import each other (${target}); app/ puts them together`)
    }
  }
}
if (faults.length > 0) {
  process.stderr.write(`house rules broken:\n  ${faults.join('\n  ')}\n`)
  process.exit(1)
}
