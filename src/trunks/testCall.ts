import { isIPv6 } from '../platform/address.ts'
import type { Random } from '../platform/random.ts'
import type { ClientDigest } from '../sip/auth/clientDigest.ts'
import { MOST_ANSWERS } from '../sip/auth/clientDigest.ts'
import { contactFor, SDP_TYPE } from '../sip/dialog/contact.ts'
import { acknowledgeStray } from '../sip/dialog/strayAnswer.ts'
import { createRequest } from '../sip/message/create.ts'
import type { HeaderLine } from '../sip/message/headers.ts'
import type { SipRequest, SipResponse } from '../sip/message/message.ts'
import { toUtf8 } from '../sip/message/text.ts'
import { escapeUser, sipUri } from '../sip/message/uri.ts'
import type { Flow } from '../sip/transport/flow.ts'
import { accountUri, newThread, outsideRequest, type Thread } from './outsideRequest.ts'
import type { Link, Sent } from './provider.ts'
import { hasCredentials } from './registrationAnswer.ts'
import type { TrunkSettings } from './trunk.ts'
import { statusText } from './words.ts'

/** How long a phone may take to ring. */
const RING_WITHIN = 15_000
/** How long a call that was taken back may go on. */
const CANCEL_WITHIN = 5_000

/** Acknowledges the answer of a call that was picked up all the same. */
export interface CallSender {
  /** As UserAgent.sendAck. */
  sendAck(ack: SipRequest, flow: Flow): unknown
}

export interface CallParts {
  readonly link: Link & CallSender
  readonly digest: ClientDigest | null
  readonly flow: Flow
  readonly contactUser: string
  readonly call: string
}

interface CallStep {
  readonly step: 'calls'
  readonly ok: boolean | null
  readonly says: string
}

/** How a test call went. */
type Outcome =
  | { readonly kind: 'rang'; readonly status: number }
  | { readonly kind: 'picked up' }
  | { readonly kind: 'refused'; readonly response: SipResponse; readonly request: SipRequest }
  /** `heard`: it said Trying. */
  | { readonly kind: 'silent'; readonly heard: boolean }

/** Calls a number until it rings, and hangs up at once: what the provider thinks of our numbers, address and password. */
export async function testCall(settings: TrunkSettings, parts: CallParts): Promise<CallStep> {
  const thread = newThread(parts.link.random)
  let headers: readonly HeaderLine[] = []
  for (let tries = 0; tries <= MOST_ANSWERS; tries++) {
    const outcome = await ring(invite(settings, parts, thread, headers), parts)
    if (outcome.kind !== 'refused') return told(outcome, parts.call)
    const proof = parts.digest?.answer(outcome.response, outcome.request) ?? null
    if (!proof) return refused(outcome.response, outcome.request, settings, parts.call)
    headers = [proof]
  }
  return { step: 'calls', ok: false, says: 'the provider asks for the password again and again' }
}

function invite(settings: TrunkSettings, parts: CallParts, thread: Thread, headers: readonly HeaderLine[]): SipRequest {
  const { flow, contactUser, call } = parts
  const host = settings.domain ?? settings.host
  const uri = sipUri({ host, user: escapeUser(toUtf8(call)) })
  const { callerId, fromAccount } = settings
  const from = callerId === null || fromAccount ? accountUri(settings) : sipUri({ host, user: escapeUser(callerId) })
  const contact = contactFor(flow, contactUser)
  const request = outsideRequest(
    { method: 'INVITE', uri, from, to: uri, contact, headers: [SDP_TYPE, ...headers] },
    thread,
  )
  return createRequest({
    method: 'INVITE',
    uri,
    headers: request.headers,
    body: offer(flow, settings.srtp ? parts.link.random : null),
  })
}

// Nobody is to hear anything: port 9 is where datagrams are thrown away. `random`: of the key, where audio is encrypted.
function offer({ advertised: { address } }: Flow, random: Random | null): Uint8Array {
  const connection = `IN ${isIPv6(address) ? 'IP6' : 'IP4'} ${address}`
  const audio = random === null ? ['m=audio 9 RTP/AVP 8 0'] : ['m=audio 9 RTP/SAVP 8 0', keyLine(random)]
  const lines = ['v=0', `o=- 1 1 ${connection}`, 's=-', `c=${connection}`, 't=0 0', ...audio]
  return Buffer.from(`${lines.join('\r\n')}\r\n`)
}

// RFC 4568 §6.2: master key and salt are 30 octets.
function keyLine(random: Random): string {
  return `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${Buffer.from(random.bytes(30)).toString('base64')}`
}

function ring(request: SipRequest, { link, flow }: CallParts): Promise<Outcome> {
  return new Promise((resolve) => {
    const { clock } = link
    let heard = false
    let outcome: Outcome | null = null
    let timer = clock.after(RING_WITHIN, () => takeBack({ kind: 'silent', heard }))
    const end = (last: Outcome): void => {
      timer.cancel()
      resolve(outcome ?? last)
    }
    const takeBack = (why: Outcome): void => {
      if (outcome) return
      outcome = why
      timer.cancel()
      timer = clock.after(CANCEL_WITHIN, () => resolve(why))
      sent.cancel([])
    }
    const sent: Sent = link.request(request, flow, {
      response: (response) => {
        const { status } = response
        if (status === 180 || status === 183) return takeBack({ kind: 'rang', status })
        heard = true
        if (status < 200) return
        if (status >= 300) return end({ kind: 'refused', response, request })
        acknowledgeStray({ ...sender(link), refuseOffer: () => null }, response, { flow, offered: true }, true)
        end({ kind: 'picked up' })
      },
      failed: () => end({ kind: 'silent', heard }),
    })
  })
}

function sender(link: Link & CallSender): Pick<Link & CallSender, 'sendAck' | 'request'> {
  return { sendAck: (...ack) => link.sendAck(...ack), request: (...sent) => link.request(...sent) }
}

function told(outcome: Exclude<Outcome, { kind: 'refused' }>, number: string): CallStep {
  if (outcome.kind === 'rang') return { step: 'calls', ok: true, says: `${number} rings (${outcome.status})` }
  if (outcome.kind !== 'silent') {
    return { step: 'calls', ok: true, says: `${number} was picked up, and hung up at once` }
  }
  if (outcome.heard) return { step: 'calls', ok: null, says: `the provider tries, but ${number} did not ring in 15 s` }
  return {
    step: 'calls',
    ok: false,
    says: 'the provider does not answer a call at all: our address may not be known to it',
  }
}

function refused(response: SipResponse, request: SipRequest, settings: TrunkSettings, number: string): CallStep {
  const ok = REACHED.includes(response.status)
  const mend = ok ? `so ${number} was reached` : meaning(response.status, hasCredentials(request), settings, number)
  return { step: 'calls', ok, says: `a call to ${number} gets ${statusText(response)}: ${mend}` }
}

/** What a phone or its owner says, not the provider. */
const REACHED = [480, 486, 600, 603]

/** What a provider means by a status, and the mend. */
function meaning(status: number, proved: boolean, settings: TrunkSettings, number: string): string {
  const format = `the number's format may be wrong (it is sent as ${number}); set --number-format`
  switch (status) {
    case 401:
    case 407:
      if (proved) return `the provider refuses the password of account ${settings.username}`
      return 'the provider asks for a password, and the trunk has none that it takes: set --username and --password'
    case 402:
      return 'the account has no credit'
    case 403:
      return proved
        ? 'the caller ID may not be ours there, or the destination not allowed'
        : 'our address is not allowed there, the caller ID is not ours, or the destination is not allowed'
    case 404:
    case 410:
    case 604:
      return `the provider knows no such number; ${format}`
    case 484:
    case 416:
      return `the number is not complete; ${format}`
    case 488:
    case 606:
      return settings.srtp
        ? 'the provider takes none of the codecs, or no encrypted audio: --no-srtp sends it in the clear'
        : 'the provider takes none of the codecs, or wants encrypted audio: set --srtp'
    case 420:
    case 421:
      return 'the provider wants an extension that we were not asked for'
    case 503:
    case 500:
      return 'the provider is out of order, or has no line free'
    default:
      return status < 400
        ? "the provider sends calls elsewhere; if that is right, make it the trunk's host"
        : 'the provider refuses the call'
  }
}
