import { render } from 'preact'
import { announceCalls } from './alert/announce.ts'
import { notificationPermission } from './alert/notifications.ts'
import { exposeForTests } from './debug.ts'
import { followPage } from './followPage.ts'
import { applySettings } from './media/applySettings.ts'
import { devices } from './media/devices.ts'
import { askForMicrophone } from './media/microphone.ts'
import { type Speaker, speaker } from './media/speaker.ts'
import { tones } from './media/tones.ts'
import { Phone } from './phone/phone.ts'
import { microphoneProblem } from './problems.ts'
import { type AccountStore, accountStore } from './store/account.ts'
import { browserLocks } from './store/browserLocks.ts'
import { type History, history, type PastCall } from './store/history.ts'
import { instanceId } from './store/instance.ts'
import { settingsStore } from './store/settings.ts'
import { type Box, memoryBox } from './store/stored.ts'
import { type Value, value } from './store/value.ts'
import { App } from './ui/app.tsx'
import type { Shell } from './ui/shell.ts'
import './ui/styles/index.css'

const device = boxOf(() => localStorage)
const tab = boxOf(() => sessionStorage)
start(accountStore(tab, device))

/** Wires the page's parts together, shows them, and signs in who was signed in before. */
function start(accounts: AccountStore): void {
  const kept = settingsStore(device)
  const settings = value(kept.get())
  settings.subscribe((now) => kept.set(now))
  const recent = value<readonly PastCall[]>([])
  const silenced = value(false)
  const ear = speaker(() => silenced.set(true))
  const sign = { stays: false, isNew: false }
  const phone = makePhone(accounts, recent, () => settings.get().microphone, sign, ear)
  const sounds = tones(new AudioContext())
  const shell = makeShell({ phone, tones: sounds, settings, recent, silenced }, accounts, sign)
  applySettings(settings, ear, sounds, phone)
  announceCalls(phone, sounds, silenced)
  followPage(shell)
  forgetRefusedAccounts(phone, accounts)
  if (new URLSearchParams(location.search).has('debug')) exposeForTests(phone)
  const root = document.getElementById('app')
  if (root) render(<App shell={shell} />, root)
  const account = accounts.get()
  if (account) void phone.signIn({ kind: 'kept', ...account })
}

/** What the person wants who signs in by the form. */
interface SignIn {
  /** To stay signed in on this device. */
  stays: boolean
  /** They stand before the page just now, and have not yet been asked for the microphone. */
  isNew: boolean
}

function makePhone(
  accounts: AccountStore,
  recent: Value<readonly PastCall[]>,
  microphone: () => string | null,
  sign: SignIn,
  ear: Speaker,
): Phone {
  let past: History | null = null
  const phone: Phone = new Phone({
    location,
    instance: instanceId(tab, device, browserLocks(navigator.locks), () => crypto.randomUUID()),
    microphone,
    onAccount: (account) => {
      accounts.keep(account, sign.stays)
      past = history(device, account.user)
      recent.set(past.list())
      if (sign.isNew) void prepareMicrophone(phone)
      sign.isNew = false
    },
    onEnded: (ended) => {
      past?.add(ended)
      recent.set(past?.list() ?? [])
    },
    onHeard: () => hear(phone, ear),
  })
  phone.state.subscribe(() => hear(phone, ear))
  return phone
}

/** The call that is on the screen is the one that is heard. */
function hear(phone: Phone, ear: Speaker): void {
  const { active } = phone.state.get()
  ear.play((active === null ? null : phone.leg(active)?.sound?.remote) ?? null)
}

type Parts = Pick<Shell, 'phone' | 'tones' | 'settings' | 'recent' | 'silenced'>

function makeShell(parts: Parts, accounts: AccountStore, sign: SignIn): Shell {
  const { phone, recent } = parts
  const permission = value(notificationPermission())
  return {
    ...parts,
    devices: devices(),
    notifications: permission,
    install: value<(() => void) | null>(null),
    signIn: (user, password, stays) => {
      Object.assign(sign, { stays, isNew: true })
      void phone.signIn({ kind: 'typed', user, password })
    },
    signOut: () => {
      accounts.forget()
      void phone.signOut()
    },
    clearRecent: () => {
      const { line } = phone.state.get()
      if (line.at !== 'signed-out') history(device, line.user).clear()
      recent.set([])
    },
    askForNotifications: () => {
      void Notification.requestPermission().then((answer) => permission.set(answer))
    },
  }
}

/** Asks for the microphone once, while the person is there, and not in the middle of the first call. */
async function prepareMicrophone(phone: Phone): Promise<void> {
  const problem = await askForMicrophone()
  if (problem !== null) phone.notice(microphoneProblem(problem))
}

/** A password that was changed would be refused at every start, and count as a guess. */
function forgetRefusedAccounts({ state }: Phone, accounts: AccountStore): void {
  state.subscribe(({ line }) => {
    if (line.at === 'signed-out' && line.problem?.kind === 'wrong-password') accounts.forget()
  })
}

/** Browsers that keep nothing for this page throw when they are asked for the box. */
function boxOf(get: () => Box): Box {
  try {
    return get()
  } catch {
    return memoryBox()
  }
}
