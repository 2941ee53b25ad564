/**
 * The service worker: it is there for notifications, which Android shows by no other way. It keeps no files and answers
 * no requests, so that a page is never older than its server.
 */
interface Client {
  focus(): Promise<unknown>
}

interface WorkerScope {
  readonly clients: {
    matchAll(options: { type: 'window'; includeUncontrolled: boolean }): Promise<readonly Client[]>
    openWindow(url: string): Promise<unknown>
    claim(): Promise<void>
  }
  skipWaiting(): Promise<void>
}

interface ClickEvent extends Event {
  readonly notification: Notification
  waitUntil(work: Promise<unknown>): void
}

const scope: Window & typeof globalThis & Partial<WorkerScope> = self

scope.addEventListener('install', () => void scope.skipWaiting?.())
scope.addEventListener('notificationclick', (event) => {
  if (!isClick(event)) return
  event.notification.close()
  event.waitUntil(bringToFront())
})

async function bringToFront(): Promise<void> {
  const [client] = (await scope.clients?.matchAll({ type: 'window', includeUncontrolled: true })) ?? []
  await (client ? client.focus() : scope.clients?.openWindow('/'))
}

function isClick(event: Event): event is ClickEvent {
  return 'notification' in event
}
