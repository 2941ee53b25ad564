import { hostname } from 'node:os'
import { controlServer } from './api/controlServer.ts'
import { firstStart } from './api/firstStart.ts'
import { localOperations } from './api/localOperations.ts'
import { planning } from './api/plan/dialplan.ts'
import type { RunningServer } from './api/runningServer.ts'
import { BUILT_IN_NUMBERS } from './builtInNumbers.ts'
import { loadOpus } from './codecs/opus/opusLibrary.ts'
import type { ServerOptions } from './config.ts'
import { followExternalAddress } from './externalAddress.ts'
import { ownAddresses } from './interfaces.ts'
import { forPeople, listenAddresses, listening } from './listening.ts'
import { createLive } from './live.ts'
import type { MediaEngine } from './media/engine.ts'
import { createPbx, type Pbx } from './pbx.ts'
import { planner } from './planner.ts'
import { keepHeapSmall } from './platform/heap.ts'
import { type Log, processLog } from './platform/log.ts'
import { systemPlatform } from './platform/platform.ts'
import { ownTimeZone } from './platform/timeZone.ts'
import { Advertiser } from './sip/transport/advertise.ts'
import { dataDirectory, prepareDataDirectory } from './store/dataDirectory.ts'
import { requireOwnership } from './store/ownership.ts'
import { openStore } from './store/store.ts'
import { startThreads } from './threads.ts'
import type { Web, WebParts } from './web.ts'

/** How long another process, such as a command, may take to let go of the data directory. */
const WAIT_FOR_DATA = 5_000

/**
 * Starts the whole server: the composition root, and the one place that knows every part. Rejects with an
 * `OffhookError` where a person can mend it, everything let go of again.
 */
export async function startServer(options: ServerOptions & { readonly data: string }): Promise<RunningServer> {
  keepHeapSmall()
  const platform = systemPlatform(processLog(options.logLevel), options)
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
    let web: Web | null = null
    let phones: Pbx | null = null
    const found = (address: string): void => {
      advertiser.external = address
      media?.follow(ownAddresses(network, advertiser))
      web?.renamed()
      phones?.addressChanged()
    }
    undo.push(await followExternalAddress({ platform, wanted: options.externalIp, found }))
    const threads = startThreads(options, { clock, log, ownAddresses: ownAddresses(network, advertiser) })
    const { engine, ports } = threads
    media = engine
    undo.push(() => threads.close())

    const { plan, users, bindings, callRecords, realm, gruuSecret, atomically, setRealm } = store
    store.settings.set('country', options.country ?? '')
    const domains = [...options.domains, ...publicNames(options), ...ownNames()]
    const rules = planner({ users, builtIn: BUILT_IN_NUMBERS, country: options.country, tz: ownTimeZone() })
    const pbx = createPbx({
      ...{ planner: rules, phoneNetwork: plan.load() },
      seenAs: (address) => {
        if (options.externalIp === null && advertiser.external !== address) found(address)
      },
      ...{ options, platform, engine, advertiser, users, bindings, callRecords, realm, gruuSecret, domains },
    })
    phones = pbx
    undo.push(() => pbx.close())
    const addresses = (): string[] => listenAddresses(options, network)
    const bind = (): Promise<number> => pbx.listen(addresses, (now) => web?.follow(now))
    const port = await listening(bind, addresses(), options.sipPort, '--sip-port')
    const { expectBrowsers } = threads
    web = await maybeWeb({ options, platform, advertiser, directory, pbx, domains, expectBrowsers }, addresses())
    if (web) undo.push(() => web?.close())

    const { mediaThreads } = options
    const live = createLive({
      ...{ clock, pbx, engine, ports, mediaThreads },
      domains: options.domains,
      web,
    })
    const operations = localOperations({
      ...{ users, bindings, calls: callRecords, plan, realm, atomically, setRealm },
      planning: planning({ users, builtIn: BUILT_IN_NUMBERS, country: options.country, tz: ownTimeZone() }),
      ...{ clock, random, live },
    })
    const control = await controlServer({ path: directory.controlSocket, operations, clock, log })
    undo.push(() => control.close())
    // Last, when nothing can fail any more: the passwords are shown this once.
    const firstUsers = await firstStart(operations, store.settings, clock, (number) =>
      rules.numbering.isEmergency(number),
    )
    const https = web && { port: web.port }
    return { addresses: forPeople(addresses()), sip: { udp: port, tcp: port }, https, firstUsers, stop }
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

/** What a web server takes of memory and time to load is saved where there is none. */
async function maybeWeb(parts: WebParts, addresses: readonly string[]): Promise<Web | null> {
  const { httpsPort } = parts.options
  if (httpsPort === null) return null
  const { openWeb } = await import('./web.ts')
  return openWeb(parts, addresses, httpsPort)
}

/** A public certificate names hosts by which phones call us, too. */
function publicNames({ acme }: ServerOptions): string[] {
  return (acme?.names ?? []).filter((name) => !name.startsWith('*'))
}

function ownNames(): string[] {
  const name = hostname().toLowerCase()
  return ['localhost', name, `${name}.local`]
}
