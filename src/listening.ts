import type { ServerOptions } from './config.ts'
import { OffhookError } from './errors.ts'
import { isIPv6, isLoopback } from './platform/address.ts'
import type { Network } from './platform/network.ts'
import { systemCode } from './platform/systemError.ts'

/** The addresses to listen on: all, without a wish of the admin, so that each socket answers from where it was called. */
export function listenAddresses({ host }: ServerOptions, network: Network): string[] {
  if (host !== null && host !== '0.0.0.0' && host !== '::') return [host]
  const all = network.interfaces().map(({ address }) => address)
  return host === '0.0.0.0' ? all.filter((address) => !isIPv6(address)) : all
}

/**
 * Runs `bind`, which listens on `port` of `addresses`; `flag` is where that port comes from. Rejects with PORT_UNUSABLE
 * where a person can mend it.
 */
export async function listening(
  bind: () => Promise<number>,
  addresses: readonly string[],
  port: number,
  flag: '--sip-port' | '--https-port',
): Promise<number> {
  try {
    return await bind()
  } catch (cause) {
    const problem = unusable(systemCode(cause), port, addresses.join(', '), flag)
    throw problem === null ? cause : new OffhookError('PORT_UNUSABLE', problem, { cause })
  }
}

function unusable(code: string | null, port: number, addresses: string, flag: string): string | null {
  const where = `port ${port} of ${addresses}`
  switch (code) {
    case 'EADDRINUSE':
      return `${where} is in use; stop what uses it, or choose another with ${flag}`
    case 'EACCES':
      return `${where} is not ours to take; choose one above 1023 with ${flag}`
    case 'EADDRNOTAVAIL':
      return `this host has no address ${addresses}; name one of its own with --host`
    default:
      return null
  }
}

/** What a person would type into a phone: not the loopback while there is anything else, and IPv4 before IPv6. */
export function forPeople(addresses: readonly string[]): string[] {
  const rank = (address: string): number => (isLoopback(address) ? 2 : isIPv6(address) ? 1 : 0)
  return [...addresses].sort((a, b) => rank(a) - rank(b))
}
