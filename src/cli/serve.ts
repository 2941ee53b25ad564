import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import type { RunningServer } from '../api/runningServer.ts'
import type { ServerOptions } from '../config.ts'
import { hostPort } from '../platform/address.ts'
import { chosenDirectory, wantsJson } from './options.ts'
import { table } from './table.ts'
import type { Terminal } from './terminal.ts'

/** What `serve` starts. Rejects with an `OffhookError` where a person can mend it. */
export type StartServer = (options: ServerOptions & { readonly data: string }) => Promise<RunningServer>

interface ServeOptions {
  readonly config?: string
  readonly host?: string
  readonly sipPort?: string
  readonly httpsPort?: string
  readonly cert?: string
  readonly key?: string
  readonly rtpPorts?: string
  readonly webrtcPorts?: string
  readonly localNet?: readonly string[]
  readonly externalIp?: string
  readonly mediaThreads?: string
  readonly logLevel?: string
  readonly country?: string
  readonly acmeName?: readonly string[]
  readonly acmeEmail?: string
  readonly acmeDirectory?: string
  readonly acmeHttpPort?: string
  readonly acmeDnsHook?: string
  readonly acmeAgreeTerms?: boolean
  readonly dnsServer?: readonly string[]
  readonly tlsCa?: string
}

/** `offhook serve` */
export function serveCommand(program: Command, terminal: Terminal, start: StartServer = startHere): void {
  program
    .command('serve')
    .description('run the server until it is told to stop')
    .option('--config <file>', 'settings (default: offhook.yaml in the data directory, if it is there)')
    .option('--host <address>', 'listen on this address only')
    .option('--sip-port <port>', '0 picks a free one (default: 5060)')
    .option('--https-port <port>', 'the phone page and browsers; 0 picks a free one, off: none (default: 8443)')
    .option('--cert <file>', 'a certificate of your own, PEM with its chain (default: one is made)')
    .option('--key <file>', 'its key, PEM')
    .option('--rtp-ports <from-to>', 'for audio (default: 10000-29999)')
    .option('--webrtc-ports <from-to>', 'for the audio of browsers (default: 30000-32767)')
    .option('--local-net <cidr>', 'phones in it are told our local address; may be repeated', collect)
    .option('--external-ip <address>', 'what phones elsewhere are told: an address, a name, or auto')
    .option('--media-threads <number>', 'for audio (default: one less than there are cores)')
    .option('--country <code>', 'numbers are read as they are dialled there, as in DE')
    .option('--acme-name <name>', 'get a public certificate for this name; may be repeated', collect)
    .option('--acme-email <address>', 'where its authority writes to')
    .option('--acme-directory <url>', "the authority (default: Let's Encrypt)")
    .option('--acme-http-port <port>', 'where its questions to port 80 arrive (default: 80)')
    .option('--acme-dns-hook <program>', 'prove the name by DNS: run as PROGRAM NAME VALUE add|remove')
    .option('--acme-agree-terms', "agree to the authority's terms of service")
    .option('--dns-server <address>', "ask this name server (default: the system's); may be repeated", collect)
    .option('--tls-ca <file>', 'trust these authorities, too, when we connect to a trunk over TLS, PEM')
    .option('--log-level <level>', 'fatal, error, warn, info, debug, trace or silent (default: info)')
    .action((options, command) => serve(options, command, terminal, start))
}

async function serve(options: ServeOptions, command: Command, terminal: Terminal, start: StartServer): Promise<void> {
  const { loadOptions } = await import('../config.ts')
  const data = chosenDirectory(command, terminal)
  const file = options.config ?? (existsSync(data.config) ? data.config : null)
  const server = await start({ ...loadOptions(file, flags(options)), data: data.path })
  const stopped = terminal.stopped()
  terminal.out(wantsJson(command) ? firstUsersLine(server) : await welcome(server))
  terminal.out(`${JSON.stringify(readyLine(server))}\n`)
  await stopped
  await server.stop()
}

async function startHere(options: ServerOptions & { readonly data: string }): Promise<RunningServer> {
  const { startServer } = await import('../server.ts')
  return startServer(options)
}

/** By the names of the settings; what was not given is absent. */
function flags(options: ServeOptions): Record<string, unknown> {
  const named = {
    host: options.host,
    'sip-port': options.sipPort,
    'https-port': options.httpsPort,
    cert: options.cert,
    key: options.key,
    'rtp-ports': options.rtpPorts,
    'webrtc-ports': options.webrtcPorts,
    'local-net': options.localNet,
    'external-ip': options.externalIp,
    'media-threads': options.mediaThreads,
    'log-level': options.logLevel,
    country: options.country,
    'acme-name': options.acmeName,
    'acme-email': options.acmeEmail,
    'acme-directory': options.acmeDirectory,
    'acme-http-port': options.acmeHttpPort,
    'acme-dns-hook': options.acmeDnsHook,
    'acme-agree-terms': options.acmeAgreeTerms,
    'dns-servers': options.dnsServer,
    'tls-ca': options.tlsCa,
  }
  return Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined))
}

/** What a script waits for. */
function readyLine({ sip, https }: RunningServer) {
  return { ready: true, sip: { udp: sip.udp, tcp: sip.tcp, tls: null }, https: https?.port ?? null, pid: process.pid }
}

function firstUsersLine({ firstUsers }: RunningServer): string {
  const users = firstUsers.map(({ user, password }) => ({ user, password }))
  return users.length === 0 ? '' : `${JSON.stringify({ firstUsers: users })}\n`
}

/** What a person needs; with the passwords of users that were made just now. */
async function welcome({ addresses, sip, https, firstUsers }: RunningServer): Promise<string> {
  const [best = 'localhost'] = addresses
  if (firstUsers.length === 0) {
    const listens = addresses.map((address) => hostPort(address, sip.udp)).join(', ')
    const page = https ? `, phone page ${pageAt(best, https.port)}` : ''
    return `Offhook listens on ${listens} (${transports(sip)})${page}\n`
  }
  const rows = firstUsers.map(({ user, password }) => [best, String(sip.udp), transports(sip), user, password ?? ''])
  const columns = ['SERVER', 'PORT', 'TRANSPORT', 'USER', 'PASSWORD'].map((heading) => ({ heading }))
  return [
    `Offhook is up. Two users were made; register a phone as each:\n\n`,
    table(columns, rows, null),
    '\nThe passwords are not shown again (offhook user set USER --password … changes one).\n',
    'Then dial one from the other, or *43 for the echo test.\n\n',
    https ? await invitation(pageAt(best, https.port)) : '',
  ].join('')
}

/** To the phone in the browser; the square is for those who hold a mobile. */
async function invitation(page: string): Promise<string> {
  const { renderUnicodeCompact } = await import('uqr')
  return [
    `Or open ${page} in a browser and log in as one of them.\n\n`,
    `${renderUnicodeCompact(page, { border: 2 })}\n\n`,
    `The browser may warn of the certificate; ${page}ca says how to have it trusted.\n\n`,
  ].join('')
}

function pageAt(address: string, port: number): string {
  return `https://${hostPort(address, port)}/`
}

/** Ports differ only where free ones were picked. */
function transports({ udp, tcp }: RunningServer['sip']): string {
  return udp === tcp ? 'UDP or TCP' : `UDP, or TCP on port ${tcp}`
}

function collect(value: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, value]
}
