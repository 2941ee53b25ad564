import { systemCode } from './systemError.ts'

/** How often another port is tried where any will do: what is free on one address may be taken on the next. */
const TRIES = 20

export interface OnePort {
  /** Listens at `port` of an address; 0 takes any that is free. Gives the port. Rejects with the system's error. */
  listenAt(address: string, port: number): Promise<number>
  /** Stops listening everywhere. */
  closeAll(): void
  /** An address that the system says is none just now; the others do without it. */
  unavailable(address: string): void
}

/**
 * Listens on one port of all `addresses`; 0 takes any that is free on all of them. An address that was just taken from its
 * interface, or is not yet ready on it, must not keep the others down, unless it is the only one. Gives the port. Rejects
 * with the system's error, everything closed again.
 */
export async function listenOnOnePort(addresses: readonly string[], port: number, how: OnePort): Promise<number> {
  const tries = port === 0 ? TRIES : 1
  for (let attempt = 1; ; attempt++) {
    try {
      return await listenOnAll(addresses, port, how)
    } catch (error) {
      how.closeAll()
      if (attempt === tries) throw error
    }
  }
}

async function listenOnAll(addresses: readonly string[], wanted: number, how: OnePort): Promise<number> {
  let port = wanted
  const unavailable: { readonly address: string; readonly error: unknown }[] = []
  for (const address of addresses) {
    try {
      port = await how.listenAt(address, port)
    } catch (error) {
      if (systemCode(error) !== 'EADDRNOTAVAIL') throw error
      unavailable.push({ address, error })
    }
  }
  if (unavailable[0] && unavailable.length === addresses.length) throw unavailable[0].error
  for (const { address } of unavailable) how.unavailable(address)
  return port
}
