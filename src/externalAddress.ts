import { isIP } from './platform/address.ts'
import type { Millis, Timer } from './platform/clock.ts'
import type { Platform } from './platform/platform.ts'
import { resolve4 } from './platform/resolver.ts'
import { bindingRequest, mappedAddress } from './stun/binding.ts'

/** Home connections change their address, and dynamic names follow within minutes. */
const LOOK_EVERY: Millis = 60_000
const ANSWER_WITHIN: Millis = 1_000
/** Public STUN servers, asked one after the other with `--external-ip auto`. */
const STUN_SERVERS = ['stun.l.google.com:19302', 'stun.cloudflare.com:3478']

export interface ExternalAddressOptions {
  readonly platform: Pick<Platform, 'clock' | 'network' | 'random' | 'log'>
  /** What the admin wants: an address, a host name, or `auto`; null: there is none. */
  readonly wanted: string | null
  /** Called with the address, at first and whenever it is another. */
  readonly found: (address: string) => void
  readonly resolve?: (name: string) => Promise<string | null>
  readonly stunServers?: readonly string[]
}

/**
 * Finds the address by which the internet knows us, and keeps looking: by name, or by asking a STUN server. Resolves
 * after the first look, found or not. The function it gives ends the search.
 */
export async function followExternalAddress(options: ExternalAddressOptions): Promise<() => void> {
  const { platform, wanted, found } = options
  if (wanted === null) return () => {}
  if (isIP(wanted)) {
    found(wanted)
    return () => {}
  }
  let known: string | null = null
  let timer: Timer | null = null
  const look = async (): Promise<void> => {
    const address = wanted === 'auto' ? await askStun(options) : await (options.resolve ?? resolve4)(wanted)
    if (address === null)
      platform.log.warn({ wanted, known }, 'the external address could not be found; the last one stays')
    else if (address !== known) {
      known = address
      found(address)
      platform.log.info({ address }, 'external address')
    }
    timer = platform.clock.after(LOOK_EVERY, () => void look())
  }
  await look()
  return () => timer?.cancel()
}

async function askStun(options: ExternalAddressOptions): Promise<string | null> {
  for (const server of options.stunServers ?? STUN_SERVERS) {
    const [host = '', port = '3478'] = server.split(':')
    const address = isIP(host) ? host : await (options.resolve ?? resolve4)(host)
    const mapped = address && (await ask(options.platform, { address, port: Number(port) }))
    if (mapped) return mapped
  }
  return null
}

// RFC 8489 §6.2.1 would repeat the request for half a minute; whoever does not answer now is asked again in a minute.
async function ask(
  { clock, network, random }: ExternalAddressOptions['platform'],
  server: { address: string; port: number },
): Promise<string | null> {
  const request = bindingRequest(random.bytes(12))
  let heard: (address: string | null) => void = () => {}
  const answer = new Promise<string | null>((resolve) => {
    heard = resolve
  })
  const socket = await network.bindUdp({ address: '0.0.0.0', port: 0 }, (bytes) => {
    const mapped = mappedAddress(bytes, request)
    if (mapped !== null) heard(mapped)
  })
  const timer = clock.after(ANSWER_WITHIN, () => heard(null))
  socket.send(request, server)
  const address = await answer
  timer.cancel()
  socket.close()
  return address
}
