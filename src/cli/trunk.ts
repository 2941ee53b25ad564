import type { Command } from 'commander'
import type { TestStep } from '../api/live.ts'
import type { TrunkView } from '../api/plan/network.ts'
import { OffhookError } from '../errors.ts'
import type { TrunkState } from '../trunks/trunk.ts'
import { addEntry, collect, entryText, type Face, listText, moveEntry, removeEntry, setEntry } from './entries.ts'
import { firstLine } from './input.ts'
import { wantsJson } from './options.ts'
import { all, withOperations } from './reach.ts'
import { facts } from './table.ts'
import type { Terminal } from './terminal.ts'
import { json, localTime, plain } from './text.ts'

interface TrunkOptions {
  readonly host?: string
  readonly password?: string
  readonly passwordStdin?: boolean
  readonly server?: readonly string[]
  /** Whatever else is named as the entry's own field. */
  readonly [field: string]: unknown
}

/** A trunk with how it is doing; `state` null: no server runs. */
interface StatedTrunk extends TrunkView {
  readonly state: TrunkState | null
}

const TRUNKS: Face<'trunks'> = {
  kind: 'trunks',
  word: 'trunk',
  key: ({ name }) => name,
  columns: [],
  row: () => [],
  none: 'no trunks; add one: offhook trunk add NAME --preset generic --host sip.example.com',
}

const COLUMNS = [
  { heading: 'TRUNK' },
  { heading: 'PRESET' },
  { heading: 'HOST', shrinksTo: 12 },
  { heading: 'STATE' },
  { heading: 'REGISTERED' },
  { heading: 'CALLS', align: 'right' as const },
  { heading: 'PROBLEM', shrinksTo: 12 },
]

/** `offhook trunk …` */
export function trunkCommands(program: Command, terminal: Terminal): void {
  const trunk = program.command('trunk').description('ways to the phone network')
  withFields(trunk.command('add').argument('<name>', 'as in twilio'))
    .option('--before <name>', 'put it in front of this one: emergency calls go out by the first that may')
    .description('connect a provider')
    .addHelpText('after', EXAMPLES)
    .action(async (name, options, command) => {
      const { before, ...given } = options
      await addEntry(TRUNKS, { name, ...(await fields(given, terminal)) }, before, { command, terminal })
    })
  trunk
    .command('list')
    .description('all trunks, and how they are doing')
    .action((_options, command) => listTrunks(command, terminal))
  trunk
    .command('show')
    .argument('<name>')
    .description('one trunk')
    .action((name, _options, command) => showTrunk(name, command, terminal))
  withFields(trunk.command('set').argument('<name>'))
    .description('change what is given; none leaves it to the preset')
    .action(async (name, options, command) =>
      setEntry(TRUNKS, name, await fields(options, terminal), { command, terminal }),
    )
  trunk
    .command('move')
    .argument('<name>')
    .option('--before <name>', 'in front of this one (default: to the end)')
    .description('change its place in the order')
    .action((name, options, command) => moveEntry(TRUNKS, name, options.before, { command, terminal }))
  trunk
    .command('remove')
    .argument('<name>')
    .description('remove a trunk that nothing leads to')
    .action((name, _options, command) => removeEntry(TRUNKS, name, { command, terminal }))
  trunk
    .command('test')
    .argument('<name>')
    .description('step by step: does it resolve, connect, answer, register; what is wrong, in words')
    .option('--call <number>', 'call this number, as the provider wants it, until it rings')
    .action((name, options, command) => testTrunk(name, options.call ?? null, command, terminal))
}

function withFields(command: Command): Command {
  return command
    .option('--preset <name>', 'the provider: twilio, telnyx, voipms, sipgate, telekom, fritzbox or generic')
    .option('--host <host[:port]>', "the provider's host; without a port: by its SRV records, else 5060 (TLS: 5061)")
    .option('--server <host[:port]>', 'a further one, tried when the host fails; may be repeated', collect)
    .option('--transport <name>', 'udp, tcp or tls')
    .option('--username <name>', 'what we register and authenticate as')
    .option('--password <text>', 'its password: stands in the list of processes while the command runs')
    .option('--password-stdin', 'reads the password from stdin instead')
    .option('--register', 'we register with the provider')
    .option('--no-register', 'the provider knows our address')
    .option('--allow-ip <cidr>', 'an address, subnet or name whose calls are its own; may be repeated', collect)
    .option('--caller-id-header <kind>', 'where the number of the caller stands: pai, ppi, rpid or from')
    .option('--caller-id <number>', 'shown where the caller has none, as in +15551234567')
    .option('--number-format <kind>', 'e164 (+4930…), plain (4930…), national (030…) or raw (as dialled)')
    .option('--max-calls <n>', 'at once')
    .option('--calls-per-second <n>', 'that it is given')
    .option('--codecs <order>', 'only these, the preferred first, as in pcma,pcmu')
    .option('--dtmf <kind>', 'keys as events (RFC 4733), info or inband')
    .option('--ptime <ms>', 'how much sound is in a packet')
    .option('--session-timers', 'with RFC 4028')
    .option('--no-session-timers', 'without')
    .option('--emergency', 'emergency calls may go out by it')
    .option('--no-emergency', 'they may not')
    .option('--srtp', 'encrypted audio alone (SRTP); its keys go with the signalling, so take --transport tls')
    .option('--no-srtp', 'audio in the clear')
}

async function fields(options: TrunkOptions, terminal: Terminal): Promise<object> {
  const { host, server, passwordStdin, password, ...others } = options
  if (passwordStdin && password !== undefined) throw new OffhookError('USAGE', 'take --password or --password-stdin')
  return {
    ...others,
    ...(host !== undefined && hostAndPort(host)),
    ...(server !== undefined && { servers: server }),
    password: passwordStdin || password === '-' ? await firstLine(terminal.input) : password,
  }
}

/** `sip.example.com:5060`, `[2001:db8::1]:5060`; an IPv6 address without a port needs no brackets. */
function hostAndPort(written: string): { host: string; port: string | null } {
  const [, bracketed, named, port = null] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d+))?$/.exec(written) ?? []
  return { host: bracketed ?? named ?? written, port }
}

async function listTrunks(command: Command, terminal: Terminal): Promise<void> {
  const trunks = await withOperations(command, terminal, async (operations) => {
    const { trunks: states } = await operations.status()
    const entries = await all(operations.entries('trunks'))
    return entries.map((entry) => withState(entry, states))
  })
  if (wantsJson(command)) return terminal.out(json(trunks))
  const rows = new Map(trunks.map((trunk) => [trunk.name, trunkRow(trunk)]))
  const row = ({ name }: TrunkView) => rows.get(name) ?? []
  terminal.out(listText<'trunks'>({ columns: COLUMNS, row, none: TRUNKS.none }, trunks, terminal))
}

async function showTrunk(name: string, command: Command, terminal: Terminal): Promise<void> {
  const trunk = await withOperations(command, terminal, async (operations) =>
    withState(await operations.entry('trunks', name), (await operations.status()).trunks),
  )
  const { presets } = await import('../trunks/presets.ts')
  const preset = presets().get(trunk.preset)
  if (wantsJson(command)) return terminal.out(json({ ...trunk, unverified: preset?.unverified ?? [] }))
  const { state, ...entry } = trunk
  terminal.out(entryText(TRUNKS, entry))
  if (preset && preset.unverified.length > 0) {
    terminal.out(
      `\nNobody has tried with ${preset.title} yet:\n${preset.unverified.map((fact) => `  ${fact}\n`).join('')}`,
    )
  }
  if (state !== null) terminal.out(`\n${facts(stateFacts(state))}`)
}

async function testTrunk(name: string, call: string | null, command: Command, terminal: Terminal): Promise<void> {
  const steps: TestStep[] = []
  await withOperations(command, terminal, async (operations) => {
    for await (const page of operations.testTrunk(name, call)) {
      steps.push(...page)
      // As each is done: some take seconds.
      if (!wantsJson(command)) for (const step of page) terminal.out(stepText(step))
    }
  })
  if (wantsJson(command)) terminal.out(json(steps))
  const failed = steps.find(({ ok }) => ok === false)
  if (failed) throw new OffhookError('TRUNK_UNUSABLE', `trunk ${name} does not work: ${plain(failed.says)}`)
}

function stepText({ step, ok, says }: TestStep): string {
  return `${ok === null ? '·' : ok ? '✓' : '✗'} ${step.padEnd(10)}  ${plain(says)}\n`
}

function withState(trunk: TrunkView, states: readonly TrunkState[] | null): StatedTrunk {
  return { ...trunk, state: states?.find(({ name }) => name === trunk.name) ?? null }
}

function trunkRow({ name, preset, host, port, state }: StatedTrunk): string[] {
  const { state: up = '', registration = null, calls = null, problem = null } = state ?? {}
  const where = port === null ? host : `${host}:${port}`
  return [name, preset, where, up, registration?.state ?? '', calls === null ? '' : String(calls), problem ?? '']
}

function stateFacts({ state, registration, problem, server, calls, roundTrip }: TrunkState): [string, string | null][] {
  return [
    ['state', state],
    ['registered', registration && registrationText(registration)],
    ['problem', problem],
    ['server', server],
    ['calls', String(calls)],
    ['round trip', roundTrip === null ? null : `${Math.round(roundTrip)} ms`],
  ]
}

function registrationText(registration: NonNullable<TrunkState['registration']>): string {
  switch (registration.state) {
    case 'trying':
      return registration.problem === null ? 'trying' : `trying: ${plain(registration.problem)}`
    case 'registered':
      return `until ${localTime(new Date(registration.until).toISOString())} at ${registration.server}`
    case 'failed':
      return `no: ${plain(registration.problem)}; next try ${localTime(new Date(registration.again).toISOString())}`
    default:
      return registration satisfies never
  }
}

const EXAMPLES = `
Examples:
  offhook trunk add twilio --preset twilio --host acme.pstn.twilio.com --caller-id +15551234567
  offhook trunk add voip --preset voipms --host atlanta1.voip.ms --username 123456 --password-stdin < secret
  offhook trunk add pbx --host 10.0.0.9 --allow-ip 10.0.0.0/24 --number-format national
`
