import type { Shell } from './ui/shell.ts'

/** What happens to the page: it is touched, hidden, left, offline, on another network. */
export function followPage({ phone, tones, install }: Shell): void {
  for (const touch of ['pointerdown', 'keydown']) document.addEventListener(touch, () => tones.unlock())
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) phone.check()
  })
  followNetwork(() => phone.networkChanged())
  window.addEventListener('pagehide', () => phone.leave())
  window.addEventListener('pageshow', ({ persisted }) => {
    if (persisted) phone.check()
  })
  window.addEventListener('beforeinstallprompt', (event) => install.set(promptOf(event)))
  window.addEventListener('appinstalled', () => install.set(null))
  // Where the certificate is not trusted there is none; notifications then come from the page alone.
  navigator.serviceWorker?.register('/worker.js').catch(() => {})
}

/** From one Wi-Fi to another there is no moment without a network, so that `online` is not enough where there is more. */
function followNetwork(changed: () => void): void {
  window.addEventListener('online', changed)
  window.addEventListener('offline', changed)
  if (!('connection' in navigator) || !(navigator.connection instanceof EventTarget)) return
  const { connection } = navigator
  let type = typeOf(connection)
  connection.addEventListener('change', () => {
    // It also tells of mere changes of speed.
    const now = typeOf(connection)
    if (now !== type) changed()
    type = now
  })
}

function typeOf(connection: object): unknown {
  return 'type' in connection ? connection.type : undefined
}

function promptOf(event: Event): (() => void) | null {
  if (!('prompt' in event) || typeof event.prompt !== 'function') return null
  const { prompt } = event
  return () => prompt.call(event)
}
