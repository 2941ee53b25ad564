import { render } from 'preact'
import { notificationPermission, notifications } from './alert/notifications.ts'
import { titleFor } from './alert/title.ts'
import { devices } from './media/devices.ts'
import { askForMicrophone, MicrophoneError } from './media/microphone.ts'
import { speaker } from './media/speaker.ts'
import { toneFor } from './media/toneFor.ts'
import { tones } from './media/tones.ts'
import { createPhone, type Phone } from './phone/phone.ts'
import { microphoneProblem } from './problems.ts'
import { type AccountStore, accountStore } from './store/account.ts'
import { browserLocks } from './store/browserLocks.ts'
import { type History, history, type PastCall } from './store/history.ts'
import { instanceId } from './store/instance.ts'
import { type Settings, settingsStore } from './store/settings.ts'
import { type Box, memoryBox } from './store/stored.ts'
import { value } from './store/value.ts'
import { App } from './ui/app.tsx'
import type { Shell } from './ui/shell.ts'
import './ui/styles/index.css'

/** The microphone that calls use. */
let microphone: string | null = null

start()

function start(): void {
  const device = boxOf(() => localStorage)
  const tab = boxOf(() => sessionStorage)
  const accounts = accountStore(tab, device)
  const kept = settingsStore(device)
  const settings = value(kept.get())
  const recent = value<readonly PastCall[]>([])
  const sounds = tones(new AudioContext())
  const silenced = value(false)
  const ear = speaker(() => silenced.set(true))
  let past: History | null = null
  /** Whether the account is to be kept beyond this tab. */
  let stays = false

  const phone = createPhone({
    location,
    instance: instanceId(tab, device, browserLocks(navigator.locks), () => crypto.randomUUID()),
    microphone: () => settings.get().microphone,
    onAccount: (account) => {
      accounts.keep(account, stays)
      past = history(device, account.user)
      recent.set(past.list())
    },
    onEnded: (ended) => {
      past?.add(ended)
      recent.set(past?.list() ?? [])
    },
    onHeard: () => hear(),
  })
  const hear = (): void => {
    const { active } = phone.state.get()
    const sound = active === null ? null : phone.leg(active)?.sound()
    ear.play(sound?.remote ?? null)
  }
  const shell: Shell = {
    phone,
    tones: sounds,
    settings,
    devices: devices(),
    recent,
    silenced,
    notifications: value(notificationPermission()),
    install: value<(() => void) | null>(null),
    signIn: (user, password, stay) => {
      stays = stay
      void phone.signIn({ kind: 'typed', user, password }).then(() => prepareMicrophone(phone))
    },
    signOut: () => {
      accounts.forget()
      void phone.signOut()
    },
    clearRecent: () => {
      past?.clear()
      recent.set([])
    },
    askForNotifications: () => {
      void Notification.requestPermission().then((answer) => shell.notifications.set(answer))
    },
  }
  followSettings(settings.get(), ear, shell)
  settings.subscribe((now) => {
    kept.set(now)
    followSettings(now, ear, shell)
  })
  phone.state.subscribe(hear)
  announceCalls(shell)
  followPage(shell, accounts)
  const root = document.getElementById('app')
  if (root) render(<App shell={shell} />, root)
  const account = accounts.get()
  if (account) void phone.signIn({ kind: 'kept', account })
}

function followSettings(now: Settings, ear: ReturnType<typeof speaker>, { tones, phone }: Shell): void {
  ear.setVolume(now.volume)
  ear.setDevice(now.speaker)
  tones.setRingVolume(now.ringVolume)
  tones.setRinger(now.ringer)
  if (now.microphone !== microphone) void phone.useMicrophone().catch(() => {})
  microphone = now.microphone
}

/** Rings, shows who calls in the title, and by a notification where the tab is hidden. */
function announceCalls({ phone, tones, silenced }: Shell): void {
  const shown = notifications()
  let ringing: readonly string[] = []
  const context = tones.context
  context.addEventListener('statechange', () => silenced.set(tones.blocked()))
  phone.state.subscribe((state) => {
    tones.set(toneFor(state))
    document.title = titleFor(state)
    const incoming = state.calls.filter((call) => call.state === 'incoming')
    for (const call of incoming) shown.show(call)
    for (const id of ringing) if (!incoming.some((call) => call.id === id)) shown.clear(id)
    ringing = incoming.map(({ id }) => id)
    if (state.line.at === 'ready') silenced.set(tones.blocked())
  })
}

/** What happens to the page: it is touched, hidden, left, offline. */
function followPage(shell: Shell, accounts: AccountStore): void {
  const { phone, tones } = shell
  for (const touch of ['pointerdown', 'keydown']) document.addEventListener(touch, tones.unlock)
  document.addEventListener('visibilitychange', () => document.hidden || phone.check())
  window.addEventListener('online', phone.networkChanged)
  window.addEventListener('offline', phone.networkChanged)
  if ('connection' in navigator && navigator.connection instanceof EventTarget) {
    navigator.connection.addEventListener('change', phone.networkChanged)
  }
  window.addEventListener('pagehide', phone.leave)
  window.addEventListener('pageshow', ({ persisted }) => persisted && phone.check())
  window.addEventListener('beforeinstallprompt', (event) => {
    if ('prompt' in event && typeof event.prompt === 'function') {
      const { prompt } = event
      shell.install.set(() => prompt.call(event))
    }
  })
  window.addEventListener('appinstalled', () => shell.install.set(null))
  phone.state.subscribe(({ line }) => {
    if (line.at === 'signed-out' && line.problem?.kind === 'wrong-password') accounts.forget()
  })
  // Without a trusted certificate there is none; notifications then come from the page alone.
  navigator.serviceWorker?.register('/worker.js').catch(() => {})
}

/** Asks for the microphone once, while the person is there, and not in the middle of the first call. */
async function prepareMicrophone(phone: Phone): Promise<void> {
  try {
    await askForMicrophone()
  } catch (error) {
    phone.notice(microphoneProblem(error instanceof MicrophoneError ? error.kind : 'unknown'))
  }
}

/** Browsers that keep nothing for this page throw when they are asked for the box. */
function boxOf(get: () => Box): Box {
  try {
    return get()
  } catch {
    return memoryBox()
  }
}
