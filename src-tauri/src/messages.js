// How commands go to the application: as strings, which the web view hands over at once. A request of the scheme `ipc:`,
// which is what Tauri does, takes WebKitGTK some ten milliseconds, and a key waits for that. Only the bytes of channels,
// which may be many, are still fetched. The application answers either with `runCallback`.
;(function () {
  const key = __INVOKE_KEY__
  const CHANNEL_DATA = 'plugin:__TAURI_CHANNEL__|fetch'
  const internals = window.__TAURI_INTERNALS__

  async function fetchData({ cmd, callback, error, options }) {
    const headers = new Headers(options?.headers)
    headers.set('Content-Type', 'application/json')
    headers.set('Tauri-Callback', callback)
    headers.set('Tauri-Error', error)
    headers.set('Tauri-Invoke-Key', key)
    const response = await fetch(internals.convertFileSrc(cmd, 'ipc'), { method: 'POST', body: 'null', headers })
    const isJson = response.headers.get('Content-Type')?.startsWith('application/json')
    const data = await (isJson ? response.json() : response.arrayBuffer())
    internals.runCallback(response.headers.get('Tauri-Response') === 'ok' ? callback : error, data)
  }

  function send(message) {
    const { cmd, callback, error, payload, options } = message
    if (cmd === CHANNEL_DATA) {
      fetchData(message).catch((why) => internals.runCallback(error, String(why)))
      return
    }
    // The answer is handed over too, not fetched.
    const answer = { ...options, customProtocolIpcBlocked: true }
    window.ipc.postMessage(JSON.stringify({ cmd, callback, error, payload, options: answer, __TAURI_INVOKE_KEY__: key }))
  }

  Object.defineProperty(internals, 'postMessage', { value: send })
})()
