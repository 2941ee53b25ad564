/**
 * SIPp scenarios, written as the call flows they are. Each step is one message sent or awaited; `scenario` makes the XML.
 * Users come from the CSV: [field0] is the user, [field1] its Authorization header, [field2] the number dialled.
 */
export type Step = Send | Receive | Pause | Stream

interface Send {
  readonly kind: 'send'
  readonly start: string
  readonly headers: readonly string[]
  readonly sdp: Sdp | null
  /** What it says instead of SDP; its Content-Type is among the headers. */
  readonly text?: readonly string[]
  /** ACK to a failure and CANCEL belong to the INVITE's transaction and carry its branch (RFC 3261 §9.1, §17.1.1.3). */
  readonly branch: 'own' | "invite's" | 'none'
}

interface Receive {
  readonly kind: 'receive'
  readonly what: { readonly response: number } | { readonly request: string }
  readonly optional?: boolean
  readonly challenge?: boolean
  /** Takes the dialog's remote target and route set from it. */
  readonly dialog?: boolean
  /** The call fails unless that is in the body, as a POSIX regular expression. */
  readonly says?: string
}

interface Pause {
  readonly kind: 'pause'
  readonly ms: number
}

interface Stream {
  readonly kind: 'stream'
  readonly file: string
}

type Direction = 'sendrecv' | 'sendonly' | 'recvonly'

/** What the SDP says: the media is SIPp's own, or at a port that somebody else reads. */
type Sdp = Direction | OtherMedia

export interface OtherMedia {
  readonly port: number
  /** What is spoken there, with its payload type, as in `0 PCMU/8000`. */
  readonly codecs: readonly string[]
}

/** Steps in their order; parts of a flow that recur may be nested. */
export type Flow = readonly (Step | readonly Step[])[]

/** The XML of a scenario. */
export function scenario(name: string, ...steps: Flow): string {
  const flow = steps.flat()
  const body = flow.map((step, index) => xml(step, index, flow))
  // SIPp wants each variable that is set used somewhere.
  const used = flow.flatMap((step, index) => (step.kind === 'receive' && step.says !== undefined ? [said(index)] : []))
  if (used.length > 0) body.push(`<Reference variables="${used.join(',')}"/>`)
  return `<?xml version="1.0" encoding="ISO-8859-1"?>\n<scenario name="${name}">\n${body.join('\n')}\n</scenario>\n`
}

/** Awaits a response. The SIPp call fails if something else comes. */
export const receive = (response: number): Step => ({ kind: 'receive', what: { response } })

/** A provisional response that may come before the next one. */
export const maybe = (response: number): Step => ({ kind: 'receive', what: { response }, optional: true })

/** The 200 to an INVITE: what later requests of the dialog go by. */
export const receiveAnswer = (): Step => ({ kind: 'receive', what: { response: 200 }, dialog: true })

export const receiveRequest = (request: string, says?: string): Step => {
  return { kind: 'receive', what: { request }, ...(says === undefined ? {} : { says }) }
}

export const pause = (ms: number): Step => ({ kind: 'pause', ms })

/** Sends the µ-law samples in `file` to where the last SDP said, in packets of 20 ms, while the scenario goes on. */
export const stream = (file: string): Step => ({ kind: 'stream', file })

const challenged: Step = { kind: 'receive', what: { response: 401 }, challenge: true }
const credentials = '[field1]'
const fromUser = 'From: <sip:[field0]@[remote_ip]>;tag=[pid]t[call_number]'
const contact = 'Contact: <sip:[field0]@[local_ip]:[local_port];transport=[transport]>'

/** REGISTER, the challenge, and REGISTER with credentials. Its answer is still to be received. */
export function registers(): Step[] {
  const register = (...headers: string[]): Step =>
    request('REGISTER', 'sip:[remote_ip]:[remote_port]', {
      headers: [fromUser, 'To: <sip:[field0]@[remote_ip]>', contact, 'Expires: 120', ...headers],
    })
  return [register(), challenged, register(credentials)]
}

/** INVITE to [field2], the challenge and its ACK, and INVITE with credentials. Its answers are still to be received. */
export function calls(sdp: Sdp = 'sendrecv'): Step[] {
  const invite = (...headers: string[]): Step =>
    request('INVITE', 'sip:[field2]@[remote_ip]:[remote_port]', {
      headers: [fromUser, toDialled, contact, ...headers],
      sdp,
    })
  return [invite(), challenged, ackFailure(), invite(credentials)]
}

const toDialled = 'To: <sip:[field2]@[remote_ip]>'

/** ACK to a response of 300 or above. */
export function ackFailure(): Step {
  const headers = [fromUser, `${toDialled}[peer_tag_param]`]
  return request('ACK', 'sip:[field2]@[remote_ip]:[remote_port]', { headers, branch: "invite's" })
}

/** ACK to a 200, in the dialog. */
export const ackAnswer = (): Step => inDialog('ACK')

export function cancels(): Step {
  const headers = [fromUser, toDialled]
  return request('CANCEL', 'sip:[field2]@[remote_ip]:[remote_port]', { headers, branch: "invite's" })
}

/** A re-INVITE from the caller with that direction. */
export const reInvites = (sdp: Sdp): Step => inDialog('INVITE', sdp)

export const hangsUp = (): Step => inDialog('BYE')

/** An INFO that presses a key for 160 ms. */
export const pressesByInfo = (key: string): Step => ({
  ...inDialog('INFO', null, 'Content-Type: application/dtmf-relay'),
  text: [`Signal=${key}`, 'Duration=160'],
})

function inDialog(method: string, sdp: Sdp | null = null, ...more: string[]): Send {
  const headers = ['[routes]', fromUser, `${toDialled}[peer_tag_param]`, contact, ...more]
  return request(method, '[next_url]', { headers, sdp })
}

function request(
  method: string,
  uri: string,
  { headers, sdp = null, branch = 'own' }: { headers: string[]; sdp?: Sdp | null; branch?: Send['branch'] },
): Send {
  const common = ['Call-ID: [call_id]', `CSeq: [cseq] ${method}`, 'Max-Forwards: 70']
  return { kind: 'send', start: `${method} ${uri} SIP/2.0`, headers: [...headers, ...common], sdp, branch }
}

/** Answers the last request received. */
export function responds(status: number, reason: string, sdp: Sdp | null = null): Step {
  return response(status, reason, '[last_CSeq:]', sdp)
}

/** Answers the INVITE after the CANCEL was received. */
export const respondsCancelled = (): Step =>
  response(487, 'Request Terminated', 'CSeq: [last_cseq_number] INVITE', null)

function response(status: number, reason: string, cSeq: string, sdp: Sdp | null): Step {
  const headers = ['[last_Via:]', '[last_Record-Route:]', '[last_From:]', '[last_To:];tag=[pid]u[call_number]']
  const own = ['[last_Call-ID:]', cSeq, 'Contact: <sip:[local_ip]:[local_port];transport=[transport]>']
  return { kind: 'send', start: `SIP/2.0 ${status} ${reason}`, headers: [...headers, ...own], sdp, branch: 'none' }
}

function xml(step: Step, index: number, flow: readonly Step[]): string {
  switch (step.kind) {
    case 'send':
      return `<send${repeated(step) ? ' retrans="500"' : ''}><![CDATA[\n\n${message(step, index, flow)}\n]]></send>`
    case 'receive': {
      const what = 'response' in step.what ? `response="${step.what.response}"` : `request="${step.what.request}"`
      const flags = [
        step.optional && ' optional="true"',
        step.challenge && ' auth="true"',
        step.dialog && ' rrs="true"',
      ]
      const head = `<recv ${what}${flags.filter(Boolean).join('')}`
      return step.says === undefined ? `${head}/>` : `${head}>${checks(step.says, index)}</recv>`
    }
    case 'pause':
      return `<pause milliseconds="${step.ms}"/>`
    case 'stream':
      return `<nop><action><exec rtp_stream="${step.file},1,0,PCMU/8000"/></action></nop>`
    default:
      return step satisfies never
  }
}

function checks(expression: string, index: number): string {
  const match = `<ereg regexp="${expression}" search_in="body" check_it="true" assign_to="${said(index)}"/>`
  return `<action>${match}</action>`
}

function said(index: number): string {
  return `said${index}`
}

/** Whether SIPp is to send it again until something comes: all requests but ACK, and final answers to an INVITE. */
function repeated({ start, sdp }: Send): boolean {
  if (start.startsWith('SIP/2.0 1')) return false
  return start.startsWith('SIP/2.0') ? sdp !== null || /^SIP\/2.0 [3-6]/.test(start) : !start.startsWith('ACK')
}

function message(step: Send, index: number, flow: readonly Step[]): string {
  const invite = flow.findLastIndex(
    (other, i) => i < index && other.kind === 'send' && other.start.startsWith('INVITE'),
  )
  const branch = step.branch === "invite's" ? `[branch-${index - invite}]` : '[branch]'
  const via = step.branch === 'none' ? [] : [`Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=${branch};rport`]
  const type = step.sdp ? ['Content-Type: application/sdp'] : []
  const head = [step.start, ...via, ...step.headers, ...type, 'Content-Length: [len]', '']
  return [...head, ...(step.text ?? []), ...(step.sdp ? description(step.sdp, flow) : [])].join('\n')
}

function description(sdp: Sdp, flow: readonly Step[]): string[] {
  if (typeof sdp === 'object') return media(String(sdp.port), sdp.codecs, 'sendrecv')
  // SIPp streams from one socket and echoes (-rtp_echo) on another.
  const port = flow.some(({ kind }) => kind === 'stream') ? '[rtpstream_audio_port]' : '[media_port]'
  return media(port, ['0 PCMU/8000', '101 telephone-event/8000'], sdp)
}

function media(port: string, codecs: readonly string[], direction: Direction): string[] {
  return [
    'v=0',
    'o=sipp 53655765 [cseq] IN IP[local_ip_type] [local_ip]',
    's=-',
    'c=IN IP[media_ip_type] [media_ip]',
    't=0 0',
    `m=audio ${port} RTP/AVP ${codecs.map((codec) => codec.split(' ', 1)[0]).join(' ')}`,
    ...codecs.map((codec) => `a=rtpmap:${codec}`),
    `a=${direction}`,
  ]
}
