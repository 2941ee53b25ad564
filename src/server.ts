import { hostname } from 'node:os'
import { controlServer } from './api/controlServer.ts'
import { firstStart } from './api/firstStart.ts'
import { localOperations } from './api/localOperations.ts'
import type { RunningServer } from './api/runningServer.ts'
import { loadOpus } from './codecs/opus/opusLibrary.ts'
import type { ServerOptions } from './config.ts'
import { OffhookError } from './errors.ts'
import { followExternalAddress } from './externalAddress.ts'
import { ownAddresses } from './interfaces.ts'
import { createLive } from './live.ts'
import type { MediaEngine } from './media/engine.ts'
import { createWorkerEngine } from './media/thread/workerEngine.ts'
import { createPbx } from './pbx.ts'
import { isIPv6 } from './platform/address.ts'
import { keepHeapSmall } from './platform/heap.ts'
import { type Log, processLog } from './platform/log.ts'
import type { Network } from './platform/network.ts'
import { systemPlatform } from './platform/platform.ts'
import { systemCode } from './platform/systemError.ts'
import { PortPool } from './rtp/ports/ports.ts'
import { Advertiser } from './sip/transport/advertise.ts'
import { dataDirectory, prepareDataDirectory } from './store/dataDirectory.ts'
import { requireOwnership } from './store/ownership.ts'
import { openStore } from './store/store.ts'

/** How long another process, such as a command, may take to let go of the data directory. */
const WAIT_FOR_DATA = 5_000

/**
 * Starts the whole server: the composition root, and the one place that knows every part. Rejects with an
 * `OffhookError` where a person can mend it, everything let go of again.
 */
export async function startServer(options: ServerOptions & { readonly data: string }): Promise<RunningServer> {
  keepHeapSmall()
  const platform = systemPlatform(processLog(options.logLevel))
  const { clock, network, random, log } = platform
  const undo: (() => void | Promise<void>)[] = []
  const stop = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step()
  }
  try {
    const directory = dataDirectory(options.data)
    prepareDataDirectory(directory)
    const ownership = requireOwnership(directory, 'offhook serve', WAIT_FOR_DATA)
    undo.push(() => ownership.release())
    const store = openStore({ file: directory.database, clock, random, log, checkpoints: 'thread' })
    undo.push(() => store.close())

    await reportOpus(log)

    const advertiser = new Advertiser(network, options.localNets)
    let media: MediaEngine | null = null
    const found = (address: string): void => {
      advertiser.external = address
      media?.follow(ownAddresses(network, advertiser))
    }
    undo.push(await followExternalAddress({ platform, wanted: options.externalIp, found }))
    const ports = PortPool.create(options.rtpPorts.from, options.rtpPorts.to)
    const own = ownAddresses(network, advertiser)
    const engine = createWorkerEngine({ threads: options.mediaThreads, ports, ownAddresses: own, clock, log })
    media = engine
    undo.push(() => engine.shutdown())

    const { users, bindings, callRecords, realm, gruuSecret, atomically, setRealm } = store
    const domains = [...options.domains, ...ownNames()]
    const pbx = createPbx({
      ...{ options, platform, engine, advertiser, users, bindings, callRecords, realm, gruuSecret, domains },
    })
    undo.push(() => pbx.close())
    const addresses = (): string[] => listenAddresses(options.host, network)
    const port = await listen(pbx.listen, addresses, options.sipPort)

    const live = createLive({ clock, pbx, engine, ports, mediaThreads: options.mediaThreads, domains: options.domains })
    const operations = localOperations({
      ...{ users, bindings, calls: callRecords, realm, atomically, setRealm },
      ...{ clock, random, live },
    })
    const control = await controlServer({ path: directory.controlSocket, operations, clock, log })
    undo.push(() => control.close())
    // Last, when nothing can fail any more: the passwords are shown this once.
    const firstUsers = await firstStart(operations, store.settings, clock)
    return { addresses: forPeople(addresses()), sip: { udp: port, tcp: port }, firstUsers, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Opus is a native module that may not have built: all other codecs work without it. */
async function reportOpus(log: Log): Promise<void> {
  const opus = await loadOpus()
  if (!('missing' in opus)) return
  const mend = 'install python3, make and g++, then run: npm rebuild @discordjs/opus'
  log.warn({ reason: opus.missing, mend }, `calls with Opus can't be transcoded; to mend it ${mend}`)
}

// Without a wish of the admin every address: each socket then answers from the address the phone talked to.
function listenAddresses(host: string | null, network: Network): string[] {
  if (host !== null && host !== '0.0.0.0' && host !== '::') return [host]
  const all = network.interfaces().map(({ address }) => address)
  return host === '0.0.0.0' ? all.filter((address) => !isIPv6(address)) : all
}

function ownNames(): string[] {
  const name = hostname().toLowerCase()
  return ['localhost', name, `${name}.local`]
}

async function listen(
  bind: (addresses: () => readonly string[]) => Promise<number>,
  addresses: () => readonly string[],
  port: number,
): Promise<number> {
  try {
    return await bind(addresses)
  } catch (cause) {
    const problem = unusable(systemCode(cause), port, addresses().join(', '))
    throw problem === null ? cause : new OffhookError('PORT_UNUSABLE', problem, { cause })
  }
}

function unusable(code: string | null, port: number, addresses: string): string | null {
  const where = `port ${port} of ${addresses}`
  switch (code) {
    case 'EADDRINUSE':
      return `${where} is in use; stop what uses it, or choose another with --sip-port`
    case 'EACCES':
      return `${where} is not ours to take; choose one above 1023 with --sip-port`
    case 'EADDRNOTAVAIL':
      return `this host has no address ${addresses}; name one of its own with --host`
    default:
      return null
  }
}

// What a person would type into a phone: not the loopback while there is anything else, and IPv4 before IPv6.
function forPeople(addresses: readonly string[]): string[] {
  const rank = (address: string): number =>
    address === '::1' || address.startsWith('127.') ? 2 : isIPv6(address) ? 1 : 0
  return [...addresses].sort((a, b) => rank(a) - rank(b))
}
