import { execFileSync } from 'node:child_process'

/** The addresses of the two ends of the cable that `scripts/linked` makes: the server's and the browsers'. */
export const NEAR = '10.77.0.1'
export const FAR = '10.77.0.2'

/** For tap's `skip`: why a test that needs the cable cannot run here, or false. */
export function unlessLinked(): string | false {
  if (process.env.OFFHOOK_FAR_SIDE) return false
  return 'no network namespaces: run it with scripts/linked, as root or where users may make namespaces (unshare, ip, nsenter)'
}

/** The start of a command line that runs what follows at the browsers' end. */
export function atFarSide(): readonly string[] {
  return ['nsenter', '--target', process.env.OFFHOOK_FAR_SIDE ?? '', '--net']
}

/** Pulls the browsers' plug, or puts it in again. */
export function cable(state: 'in' | 'out'): void {
  const [command = '', ...rest] = atFarSide()
  const ip = (...args: string[]) => execFileSync(command, [...rest, 'ip', ...args])
  ip('link', 'set', 'far', state === 'in' ? 'up' : 'down')
  // The way out went with the interface.
  if (state === 'in') ip('route', 'add', 'default', 'via', NEAR)
}
