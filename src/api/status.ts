import { version } from '../version.ts'
import type { Context } from './context.ts'
import { storedDevices } from './devices.ts'
import type { Status } from './operations.ts'

export async function showStatus(context: Context): Promise<Status> {
  const live = context.live?.status() ?? null
  const running = live !== null
  return {
    running,
    version,
    pid: running ? process.pid : null,
    uptime: live?.uptime ?? null,
    listeners: live?.listeners ?? [],
    https: live?.https ?? null,
    realm: context.realm,
    domains: live?.domains ?? null,
    users: context.users.count(),
    registrations: live?.registrations ?? storedDevices(context, null, context.clock.wall().getTime()).length,
    calls: live?.calls ?? null,
    trunks: context.live?.trunks() ?? null,
    signalling: live?.signalling ?? null,
    media: live?.media ?? null,
    dropped: live?.dropped ?? null,
    ignoring: live?.ignoring ?? null,
    cpu: live?.cpu ?? null,
    memory: live?.memory ?? null,
    eventLoop: live?.eventLoop ?? null,
  }
}
