import { type Box, fieldsOf, stored } from './stored.ts'

/** Who is signed in. The password is not kept, but what is made of it (RFC 7616 §3.4.2), which opens this server alone. */
export interface Account {
  readonly user: string
  readonly realm: string
  readonly ha1: string
}

/** Where the account is kept: with this tab, or on this device until someone signs out. */
export interface AccountStore {
  get(): Account | null
  keep(account: Account, onDevice: boolean): void
  forget(): void
}

const KEY = 'offhook.account'

/** `tab` is `sessionStorage`, which a reload survives and a closed tab does not; `device` is `localStorage`. */
export function accountStore(tab: Box, device: Box): AccountStore {
  const ofTab = stored(tab, KEY, read)
  const ofDevice = stored(device, KEY, read)
  return {
    get: () => ofTab.get() ?? ofDevice.get() ?? null,
    keep: (account, onDevice) => {
      ofTab.set(account)
      if (onDevice) ofDevice.set(account)
    },
    forget: () => {
      ofTab.remove()
      ofDevice.remove()
    },
  }
}

function read(value: unknown): Account | null {
  const fields = fieldsOf(value)
  const { user, realm, ha1 } = fields ?? {}
  const complete = typeof user === 'string' && typeof realm === 'string' && typeof ha1 === 'string'
  return complete && /^[0-9a-f]{32}$/.test(ha1) ? { user, realm, ha1 } : null
}
