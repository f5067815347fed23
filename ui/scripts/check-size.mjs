// The built JavaScript, workers included, must stay small enough to start the window within a second.
import { readdirSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const LIMIT_BYTES = 4.5e6
const dist = resolve(dirname(fileURLToPath(import.meta.url)), '../dist')
const sizes = readdirSync(dist, { recursive: true })
  .filter((name) => name.endsWith('.js'))
  .map((name) => ({ name, bytes: statSync(join(dist, name)).size }))
  .toSorted((a, b) => b.bytes - a.bytes)
const total = sizes.reduce((sum, file) => sum + file.bytes, 0)
const megabytes = (bytes) => `${(bytes / 1e6).toFixed(2)} MB`
for (const { name, bytes } of sizes.slice(0, 8)) process.stdout.write(`${megabytes(bytes).padStart(9)}  ${name}\n`)
process.stdout.write(`${megabytes(total).padStart(9)}  of JavaScript; at most ${megabytes(LIMIT_BYTES)}\n`)
if (sizes.length === 0 || total > LIMIT_BYTES) process.exit(1)
