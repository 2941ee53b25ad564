import type { Command } from 'commander'
import { wantsJson } from './options.ts'
import { all, withOperations } from './reach.ts'
import { table } from './table.ts'
import type { Terminal } from './terminal.ts'
import { clockTime, json, plain } from './text.ts'

/** `offhook device …` */
export function deviceCommands(program: Command, terminal: Terminal): void {
  const device = program.command('device').description('registered phones')
  device
    .command('list')
    .argument('[user]', 'only this one')
    .description('each registration: user, source, transport, expiry, round trip, user agent, contact')
    .action((user, _options, command) => listDevices(user ?? null, command, terminal))
}

async function listDevices(user: string | null, command: Command, terminal: Terminal): Promise<void> {
  const devices = await withOperations(command, terminal, (operations) => all(operations.devices(user)))
  if (wantsJson(command)) return terminal.out(json(devices))
  if (devices.length === 0) return terminal.out(user === null ? 'no phones\n' : `no phones of ${user}\n`)
  const columns = [
    { heading: 'USER' },
    { heading: 'SOURCE' },
    { heading: 'VIA' },
    { heading: 'EXPIRES', align: 'right' as const },
    { heading: 'RTT', align: 'right' as const },
    { heading: 'USER AGENT', shrinksTo: 14 },
    { heading: 'CONTACT', shrinksTo: 12 },
  ]
  const rows = devices.map((phone) => [
    phone.user,
    phone.source,
    phone.transport,
    clockTime(phone.expires),
    phone.roundTrip === null ? '' : `${Math.round(phone.roundTrip)} ms`,
    plain(phone.userAgent),
    plain(phone.contact),
  ])
  terminal.out(table(columns, rows, terminal.columns))
}
