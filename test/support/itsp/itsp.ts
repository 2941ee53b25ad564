import { randomInt } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { legible } from './captured.ts'
import { type Kamailio, startKamailio } from './kamailio.ts'
import type { KamailioOptions } from './kamailioConfig.ts'
import { type PhoneNetwork, phoneNetwork } from './phoneNetwork.ts'

export type { CapturedRequest } from './captured.ts'
export type { Behaviour, Kamailio } from './kamailio.ts'
export type { PhoneNetwork } from './phoneNetwork.ts'

/** A provider of telephony, made of real programs: two servers and the phone network behind them. */
export interface Itsp {
  /** Where customers with a password register and call. */
  readonly registrar: Kamailio
  /** A second server of it, for the same accounts, where `second` asks for one; throws where there is none. */
  readonly second: Kamailio
  /** Where customers call from addresses of its list, without a password. */
  readonly trunk: Kamailio
  readonly realm: string
  readonly account: { readonly username: string; readonly password: string }
  /** Its numbers that are the customer's, E.164: calls to the first go to the account, to the second to the customer's address. */
  readonly numbers: { readonly account: string; readonly address: string }
  readonly network: PhoneNetwork
  /** All that its programs wrote. */
  output(): string
  stop(): Promise<void>
}

export interface ItspOptions {
  /** HOST:PORT where the customer's server listens: calls over the trunk by address go there. null: there is none yet. */
  readonly customer: string | null
  /** The addresses from which it lets call without a password; the customer's unless said otherwise. */
  readonly customers?: readonly string[]
  /** Starts a second registrar, on another address but the same port. */
  readonly second?: boolean
  readonly realm?: string
  /** The first three numbers of its addresses, as in `127.20.30`: chance's unless said otherwise. */
  readonly net?: string
  /** For UDP and TCP, 5060 unless said otherwise; TLS is at the port behind. */
  readonly port?: number
  /** The start of a command line that runs its programs, such as nsenter's. */
  readonly under?: readonly string[]
  readonly numbers?: KamailioOptions['numbers']
  readonly calledNumberIn?: KamailioOptions['calledNumberIn']
  readonly expires?: number
  readonly keepsRegistrations?: boolean
  readonly wrongPassword?: 401 | 403
  readonly algorithm?: 'MD5' | 'SHA-256'
  /** What its servers show on port 5061, PEM; without it they speak no TLS. */
  readonly certificate?: { readonly chain: string; readonly key: string }
}

const ACCOUNT = { username: '4930990', password: 'the-provider-knows-it' }
const NUMBERS = { account: '+493099011', address: '+493099022' }

/** Starts it all on loopback addresses that no other test has. */
export async function startItsp(options: ItspOptions): Promise<Itsp> {
  const root = mkdtempSync(join(tmpdir(), 'itsp-'))
  const net = options.net ?? `127.${randomInt(10, 250)}.${randomInt(0, 250)}`
  const { under = [] } = options
  let count = 0
  const dir = (name: string) => {
    const path = join(root, `${name}${++count}`)
    mkdirSync(path)
    return path
  }
  const running: Kamailio[] = []
  const start = async (last: number, access: KamailioOptions['access']) => {
    const server = await startKamailio(dir('k'), serverOptions(options, `${net}.${last}`, `${net}.30`, access), under)
    running.push(server)
    return server
  }
  const stop = async () => {
    for (const server of running) await server.stop()
    rmSync(root, { recursive: true })
  }
  try {
    const registrar = await start(1, accounts(options))
    const trunk = await start(2, { kind: 'addresses', customers: customersOf(options) })
    const second = options.second ? await start(3, accounts(options)) : null
    const network = phoneNetwork(`${net}.30`, running, dir, under)
    return {
      registrar,
      trunk,
      get second() {
        if (!second) throw new Error('this provider has no second registrar')
        return second
      },
      realm: options.realm ?? 'itsp.test',
      account: ACCOUNT,
      numbers: NUMBERS,
      network,
      output: () => running.map(({ address, output }) => `--- ${address}:\n${legible(output())}`).join('\n'),
      async stop() {
        await network.stop()
        await stop()
      },
    }
  } catch (error) {
    await stop()
    throw error
  }
}

function serverOptions(
  options: ItspOptions,
  address: string,
  networkAddress: string,
  access: KamailioOptions['access'],
): KamailioOptions {
  const { port = 5060, realm = 'itsp.test', numbers = 'any', calledNumberIn = 'to', customer, certificate } = options
  const tls = certificate ? { ...certificate, port: port + 1 } : null
  const byAddress = customer ? [{ number: NUMBERS.address, to: { address: customer } }] : []
  const owned = [{ number: NUMBERS.account, to: { account: ACCOUNT.username } }, ...byAddress]
  return { address, port, tls, realm, access, networkAddress, owned, numbers, countryCode: '49', calledNumberIn }
}

function accounts(options: ItspOptions): KamailioOptions['access'] {
  const { algorithm = 'MD5', wrongPassword = 401, expires = 60, keepsRegistrations = false } = options
  const passwords = { [ACCOUNT.username]: ACCOUNT.password }
  return { kind: 'accounts', passwords, algorithm, wrongPassword, expires, keepsRegistrations }
}

function customersOf({ customer, customers }: ItspOptions): readonly string[] {
  return customers ?? (customer ? [customer.slice(0, customer.lastIndexOf(':'))] : [])
}
