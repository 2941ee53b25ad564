import { networkInterfaces } from 'node:os'

/**
 * For tap's `skip`: why a test whose traffic must not get out cannot run here, or false. See `scripts/isolated`, which
 * makes the network namespace.
 */
export function unlessIsolated(): string | false {
  const addresses = Object.values(networkInterfaces()).flatMap((found) => found ?? [])
  if (addresses.every(({ internal }) => internal)) return false
  return 'no network namespace: run it with scripts/isolated, as root or where users may make namespaces (unshare, ip)'
}
