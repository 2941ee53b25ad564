import { type Call, nameOf } from '../phone/state.ts'

/** Notes of incoming calls, shown by the system while this tab is hidden. */
export interface Notifications {
  show(call: Call): void
  /** Takes back what was shown of a call that rings no more. */
  clear(id: string): void
}

/** Whether the person may be asked, has agreed, or cannot have notifications here. */
export function notificationPermission(): 'default' | 'granted' | 'denied' {
  return 'Notification' in window ? Notification.permission : 'denied'
}

/** Notifications of this page; a click on one brings the tab to the front. */
export function notifications(): Notifications {
  const shown = new Map<string, () => void>()
  return {
    show: (call) => {
      if (notificationPermission() !== 'granted' || !document.hidden || shown.has(call.id)) return
      shown.set(call.id, () => {})
      void notify(call).then((close) => (shown.has(call.id) ? shown.set(call.id, close) : close()))
    },
    clear: (id) => {
      shown.get(id)?.()
      shown.delete(id)
    },
  }
}

/** Android has notifications of service workers alone, and untrusted certificates no service worker. */
async function notify(call: Call): Promise<() => void> {
  const title = `${nameOf(call.peer)} is calling`
  const options = { body: 'Open the phone to answer.', tag: call.id, icon: '/icon-192.png', requireInteraction: true }
  const worker = await navigator.serviceWorker?.getRegistration().catch(() => undefined)
  if (worker?.active) {
    await worker.showNotification(title, options)
    return () => void closeAll(worker, call.id)
  }
  try {
    const notification = new Notification(title, options)
    notification.onclick = () => {
      window.focus()
      notification.close()
    }
    return () => notification.close()
  } catch {
    return () => {}
  }
}

async function closeAll(worker: ServiceWorkerRegistration, tag: string): Promise<void> {
  for (const notification of await worker.getNotifications({ tag })) notification.close()
}
