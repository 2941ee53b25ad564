import { isIP, plainAddress } from './address.ts'

/** The addresses that a hosts file (hosts(5)) gives a name, in its order, but for those that need an interface named. */
export function parseHosts(text: string, name: string): string[] {
  const wanted = name.toLowerCase()
  const found = text
    .split(/\r?\n/)
    .map((line) => line.replace(/#.*/, '').trim().split(/\s+/))
    .filter(([address = '', ...names]) => isPlain(address) && names.some((each) => each.toLowerCase() === wanted))
    .map(([address = '']) => plainAddress(address))
  return [...new Set(found)]
}

function isPlain(address: string): boolean {
  return isIP(address) && !address.includes('%')
}
