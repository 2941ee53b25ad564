import { ClientDigest } from '../sip/auth/clientDigest.ts'
import { contactFor } from '../sip/dialog/contact.ts'
import type { Place } from '../sip/locate/target.ts'
import type { HeaderLine } from '../sip/message/headers.ts'
import type { SipRequest, SipResponse } from '../sip/message/message.ts'
import type { Flow } from '../sip/transport/flow.ts'
import { type Asked, askProved, inTime } from './ask.ts'
import { newThread, optionsRequest, registerRequest } from './outsideRequest.ts'
import { type Link, type Target, targetText } from './provider.ts'
import { hasCredentials, readRegisterAnswer } from './registrationAnswer.ts'
import { seenFrom } from './seenFrom.ts'
import { placesOf } from './servers.ts'
import { type CallSender, testCall } from './testCall.ts'
import type { TrunkSettings } from './trunk.ts'
import { printable, statusText, unreachable } from './words.ts'

const RESOLVE_WITHIN = 5_000
const CONNECT_WITHIN = 8_000
/** Of OPTIONS and REGISTER: a UDP request is repeated four times in this. */
const ANSWER_WITHIN = 10_000
/** Servers that are tried; a provider with more of them needs no test of each. */
const MOST_SERVERS = 8
/** How long a binding lasts that the test makes, where nobody takes it back. */
const TEST_EXPIRES = 120

/** One thing that was tried. */
export interface TestStep {
  /** As in `resolves`. */
  readonly step: string
  /** null: it says nothing for or against. */
  readonly ok: boolean | null
  /** One line: what happened and, where it is wrong, the mend. */
  readonly says: string
}

export interface TestParts {
  readonly link: Link & CallSender
  readonly resolve: (at: Place) => Promise<readonly Target[]>
  /** The user part of the Contact that is registered. */
  readonly contactUser: string
  /** Whether it stays registered afterwards: the running trunk has the same Contact. */
  readonly keep: boolean
  /** A number as the provider wants it, to be called until it rings; null: no call. */
  readonly call: string | null
}

/** What the steps know of each other. */
interface Scene {
  readonly settings: TrunkSettings
  readonly parts: TestParts
  readonly digest: ClientDigest | null
}

/**
 * Tries a trunk step by step: names, connections, OPTIONS, what NAT does, registration, and a call where one is wanted. Each
 * step is told when it is done; what makes the later ones pointless ends the test. Nothing waits longer than some seconds.
 */
export async function* testTrunk(settings: TrunkSettings, parts: TestParts): AsyncGenerator<TestStep, void> {
  const { username, password } = settings
  const digest =
    username === null || password === null ? null : new ClientDigest({ username, password }, parts.link.random)
  const scene = { settings, parts, digest }
  const targets: Target[] = []
  for (const at of placesOf(settings)) yield await resolves(scene, at, targets)
  const flows: Flow[] = []
  for (const target of targets.slice(0, MOST_SERVERS)) {
    const step = await connects(scene, target, flows)
    if (step) yield step
  }
  const well: { flow: Flow; response: SipResponse }[] = []
  for (const flow of flows) {
    yield await options(scene, flow, well)
    if (well.length > 0) break
  }
  // Some providers don't answer OPTIONS from strangers at all.
  const flow = well[0]?.flow ?? flows[0]
  if (!flow) return
  if (well[0]) yield nat(well[0].response, well[0].flow)
  if (settings.register) yield await registers(scene, flow, well.length === 0)
  if (parts.call !== null) yield await testCall(settings, { ...parts, call: parts.call, digest, flow })
}

async function resolves({ parts }: Scene, at: Place, targets: Target[]): Promise<TestStep> {
  const name = at.port === null ? at.host : `${at.host}:${at.port}`
  try {
    const found = await inTime(parts.link, parts.resolve(at), RESOLVE_WITHIN)
    targets.push(...found)
    if (found.length > 0) return step('resolves', true, `${name}: ${found.map(targetText).join(', ')}`)
    return step('resolves', false, `${name} has no address; check the host's name`)
  } catch (error) {
    const why = error instanceof Error ? printable(error.message) : 'it failed'
    return step('resolves', false, `${name} does not resolve: ${why}; check the host's name and this server's DNS`)
  }
}

// Datagrams connect to nothing: whether somebody is there, OPTIONS tells.
async function connects({ parts, settings }: Scene, target: Target, flows: Flow[]): Promise<TestStep | null> {
  const name = target.protocol === 'tls' ? 'TLS' : 'connects'
  try {
    flows.push(await inTime(parts.link, parts.link.connect(target), CONNECT_WITHIN))
    if (target.protocol === 'udp') return null
    const secure = target.protocol === 'tls' ? `, and its certificate is good for ${settings.host}` : ''
    return step(name, true, `${targetText(target)} is connected${secure}`)
  } catch (error) {
    const firewall = target.protocol === 'udp' ? '' : '; check port and transport, and firewalls on the way'
    return step(name, false, `${unreachable(target, error)}${firewall}`)
  }
}

async function options(
  { settings, parts, digest }: Scene,
  flow: Flow,
  well: { flow: Flow; response: SipResponse }[],
): Promise<TestStep> {
  const { link } = parts
  const thread = newThread(link.random)
  const build = (headers: readonly HeaderLine[]): SipRequest => optionsRequest(settings, flow, thread, headers)
  const asked = await askProved(link, build, { flow, within: ANSWER_WITHIN, digest })
  if (asked.kind === 'silent') return step('OPTIONS', settings.register ? null : false, silence(asked, flow))
  const { response, request, roundTrip } = asked
  if (response.status !== 503 && response.status !== 408) well.push({ flow, response })
  const says = `${where(flow)} answers ${statusText(response)} in ${Math.round(roundTrip)} ms`
  return step('OPTIONS', ...judged(response, request, says, settings, flow))
}

function silence({ sent }: Extract<Asked, { kind: 'silent' }>, flow: Flow): string {
  if (!sent) return `nothing can be sent to ${where(flow)}: is there a route to it?`
  return `${where(flow)} does not answer; check host, port and transport, and whether a firewall is in the way`
}

function judged(
  { status }: SipResponse,
  request: SipRequest,
  says: string,
  settings: TrunkSettings,
  flow: Flow,
): [ok: boolean | null, says: string] {
  if (status === 503 || status === 408) return [false, `${says}: it is out of order`]
  if ((status === 401 || status === 407) && hasCredentials(request)) {
    return [false, `${says}: the provider refuses the password of account ${settings.username}`]
  }
  if (status === 401 || status === 407) return [true, `${says}: it is there, and would want a password`]
  if (status === 403 && !settings.register) {
    const ours = flow.advertised.address
    return [
      false,
      `${says}: our address is not allowed there; give the provider ${ours}, or the address it sees us come from`,
    ]
  }
  return [true, status < 300 ? says : `${says}: it is there`]
}

function nat(response: SipResponse, flow: Flow): TestStep {
  const { address, port } = flow.advertised
  const seen = seenFrom(response, flow)
  if (seen === null && response.via.received === null && response.via.rport === '') {
    return step('NAT', null, `the provider does not say from where it sees us; we say ${address}`)
  }
  if (seen === null) return step('NAT', true, `the provider sees us as we say: ${address} port ${port}`)
  if (seen.address === address) {
    const says = `the provider sees us come from port ${seen.port}, not ${port}: a router in between rewrites it; forward UDP port ${port} to this server`
    return step('NAT', null, says)
  }
  const says = `the provider sees us as ${seen.address}, but we say ${address}: audio would go one way; start with --external-ip ${seen.address}, or auto`
  return step('NAT', false, says)
}

async function registers({ settings, parts, digest }: Scene, flow: Flow, optionsFailed: boolean): Promise<TestStep> {
  const { link, contactUser } = parts
  const thread = newThread(link.random)
  const contact = contactFor(flow, contactUser)
  const register =
    (expires: number) =>
    (headers: readonly HeaderLine[]): SipRequest =>
      registerRequest(settings, { contact, expires, headers }, thread)
  const once = { flow, within: ANSWER_WITHIN, digest }
  let expires = parts.keep ? settings.expires : Math.min(TEST_EXPIRES, settings.expires)
  let asked = await askProved(link, register(expires), once)
  const least = longerWanted(asked, expires)
  if (least !== null) {
    expires = least
    asked = await askProved(link, register(expires), once)
  }
  if (asked.kind === 'silent') return step('registers', false, silence(asked, flow))
  const { response, request } = asked
  if (response.status < 300 && !parts.keep) await askProved(link, register(0), once)
  const { username } = settings
  const question = { request, expires, contactUser, username, digest, more: false }
  return step('registers', ...registered(readRegisterAnswer(response, question).event, username, optionsFailed))
}

function longerWanted(asked: Asked, expires: number): number | null {
  if (asked.kind === 'silent' || asked.response.status !== 423) return null
  const least = Number(asked.response.headers.first('min-expires'))
  return least > expires && least <= 86_400 ? least : null
}

function registered(
  event: ReturnType<typeof readRegisterAnswer>['event'],
  username: string | null,
  optionsFailed: boolean,
): [ok: boolean, says: string] {
  switch (event.type) {
    case 'granted':
      if (event.seconds === 0) return [false, 'the provider answers 200, but registers us for no time']
      return [
        true,
        `registered as ${username} for ${event.seconds} s${optionsFailed ? '; that it answers no OPTIONS is all right' : ''}`,
      ]
    case 'refused':
    case 'outage':
      return [false, event.problem]
    case 'too-brief':
      return [false, `the provider wants registrations of at least ${event.seconds} s`]
    default:
      return [false, `the provider refuses the password of account ${username}`]
  }
}

function step(name: string, ok: boolean | null, says: string): TestStep {
  return { step: name, ok, says }
}

function where({ protocol, remote }: Flow): string {
  return targetText({ ...remote, protocol: protocol === 'tcp' || protocol === 'tls' ? protocol : 'udp' })
}
