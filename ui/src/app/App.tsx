/** The window's content. */
export function App() {
  return <main className="app" aria-label="Quire" />
}
