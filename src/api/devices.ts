import { hostPort } from '../platform/address.ts'
import type { Binding } from '../sip/registrar/bindingStore.ts'
import { type Context, isoTime } from './context.ts'
import type { Device } from './live.ts'
import type { DeviceView, Pages } from './operations.ts'
import { noUser } from './users.ts'

const PAGE = 500

/** What the registrar holds; while no server runs, what it had stored and what is not over yet. */
export async function* listDevices(context: Context, user: string | null): Pages<DeviceView> {
  if (user !== null && context.users.find(user) === null) await noUser(context, user)
  const now = context.clock.wall().getTime()
  const devices = context.live?.devices(user) ?? storedDevices(context, user, now)
  for (let from = 0; from < devices.length; from += PAGE) {
    yield devices.slice(from, from + PAGE).map((device) => deviceView(device, now))
  }
}

export function storedDevices(context: Context, user: string | null, now: number): Device[] {
  const current = context.bindings.load().filter((binding) => binding.expiresAt > now)
  return current.filter((binding) => user === null || binding.user === user).map(toDevice)
}

function toDevice(binding: Binding): Device {
  const { user, contact, source, protocol, userAgent, domain, registeredAt, expiresAt } = binding
  return { user, contact, source, transport: protocol, userAgent, domain, registeredAt, expiresAt, roundTrip: null }
}

function deviceView(device: Device, now: number): DeviceView {
  const { user, contact, source, transport, userAgent, domain, registeredAt, expiresAt, roundTrip } = device
  return {
    user,
    contact,
    source: hostPort(source.address, source.port),
    transport,
    userAgent,
    domain,
    registeredAt: isoTime(registeredAt),
    expires: Math.max(0, Math.round((expiresAt - now) / 1000)),
    roundTrip,
  }
}
