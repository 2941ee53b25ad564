import type { Corpus } from '../support/corpus.ts'

/**
 * What comes back, in order: the status of each answer; `closed`, the connection is closed after them; `waits`, nothing
 * before the rest of what Content-Length promised, then an answer. Nothing at all: the message is dropped in silence.
 */
export type Outcome = readonly (number | 'closed' | 'waits')[]

export interface TortureMessage {
  readonly corpus: Corpus
  readonly section: string
  readonly name: string
  /** What the RFC asks of who receives it, and where there is a choice or we differ, why it is as it is. */
  readonly says: string
  readonly udp: Outcome
  readonly tcp: Outcome
}

type Row = readonly [section: string, name: string, says: string, udp: Outcome, tcp?: Outcome]

/** RFC 3261 §22.2, §26.3.2.4: whoever may not be a stranger is first asked who it is; `authenticated` has what follows. */
const asked: Outcome = [401]
const badRequest: Outcome = [400]
/** RFC 3261 §18.3, RFC 4475 §3.3.9: where the next message begins cannot be told. */
const badFraming: Outcome = [400, 'closed']
const dropped: Outcome = []

const rfc4475: readonly Row[] = [
  ['3.1.1.1', 'wsinv', 'valid; its To has a tag, and there is no such dialog (RFC 3261 §12.2.2)', [481]],
  ['3.1.1.2', 'intmeth', 'valid; a method that nobody knows (RFC 3261 §21.5.2)', [501]],
  ['3.1.1.3', 'esc01', 'valid', asked],
  ['3.1.1.4', 'escnull', 'valid', asked],
  ['3.1.1.5', 'esc02', 'valid; RE%47IST%45R is not REGISTER but a method that nobody knows', [501]],
  ['3.1.1.6', 'lwsdisp', 'valid: OPTIONS', [200]],
  ['3.1.1.7', 'longreq', 'valid', asked],
  // Of that other request's body the last five octets lie beyond its Content-Length, and they are no message.
  ['3.1.1.8', 'dblreq', 'noise in the datagram; on a stream another request', asked, [401, 401, 'closed']],
  ['3.1.1.9', 'semiuri', 'valid: OPTIONS to a host of ours', [200]],
  ['3.1.1.10', 'transports', 'valid: OPTIONS', [200]],
  ['3.1.1.11', 'mpart01', 'valid: MESSAGE', asked],
  ['3.1.1.12', 'unreason', 'a response to nothing we asked (RFC 3261 §18.1.2)', dropped],
  ['3.1.1.13', 'noreason', 'a response to nothing we asked', dropped],
  ['3.1.2.1', 'badinv01', '400', badRequest],
  ['3.1.2.2', 'clerr', 'a datagram: 400; a stream: wait for the rest, not for ever', badRequest, ['waits', 401]],
  ['3.1.2.3', 'ncl', 'an error; a stream is beyond repair', badRequest, badFraming],
  ['3.1.2.4', 'scalar02', '400 for its CSeq', badRequest],
  ['3.1.2.5', 'scalarlg', 'a response: discard', dropped],
  ['3.1.2.6', 'quotbal', '400', badRequest],
  ['3.1.2.7', 'ltgtruri', '400 is reasonable, ignoring the brackets allowed', badRequest],
  ['3.1.2.8', 'lwsruri', '400 is reasonable, guessing allowed', badRequest],
  ['3.1.2.9', 'lwsstart', '400 is reasonable, guessing allowed', badRequest],
  ['3.1.2.10', 'trws', '400 is reasonable, guessing allowed', badRequest],
  ['3.1.2.11', 'escruri', '400 is reasonable, ignoring them allowed', badRequest],
  ['3.1.2.12', 'baddate', '400 is reasonable, ignoring Date allowed: we do, since we do not read it', asked],
  ['3.1.2.13', 'regbadct', '400 is reasonable, guessing allowed', badRequest],
  ['3.1.2.14', 'badaspec', '400 is reasonable, ignoring the spaces allowed', badRequest],
  ['3.1.2.15', 'baddn', '400 is reasonable, inferring the quotes allowed: we do', [200]],
  ['3.1.2.16', 'badvers', '505', [505]],
  ['3.1.2.17', 'mismatch01', '400', badRequest],
  ['3.1.2.18', 'mismatch02', '400 or 501', badRequest],
  ['3.1.2.19', 'bigcode', 'a response: drop', dropped],
  ['3.2.1', 'badbranch', '400, or taken for an RFC 2543 transaction: we do', [200]],
  ['3.3.1', 'insuf', '400', badRequest],
  ['3.3.2', 'unkscm', '416', [416]],
  ['3.3.3', 'novelsc', '416, since we never take this scheme', [416]],
  ['3.3.4', 'unksm2', 'a registrar: 400, since To is no SIP URI', badRequest],
  ['3.3.5', 'bext01', '420, from a user agent with what stands in Require', [420]],
  ['3.3.6', 'invut', '415 from a user agent; strangers are asked first', asked],
  ['3.3.7', 'regaut01', '401 with a scheme that we know', asked],
  ['3.3.8', 'multi01', '400', badRequest],
  ['3.3.9', 'mcl01', 'an error; a stream is beyond repair', badRequest, badFraming],
  ['3.3.10', 'bcast', 'a response: an endpoint discards it, and nothing goes to 255.255.255.255', dropped],
  ['3.3.11', 'zeromf', 'an endpoint takes it as if Max-Forwards were not spent', [200]],
  ['3.3.12', 'cparam01', 'valid', asked],
  ['3.3.13', 'cparam02', 'valid', asked],
  ['3.3.14', 'regescrt', 'valid', asked],
  ['3.3.15', 'sdp01', '406', [406]],
  ['3.4.1', 'inv2543', 'valid; on a stream Content-Length is a must (RFC 3261 §18.3)', asked, badFraming],
  ['archive', 'test', 'not in the text: no SIP-Version, and no Via that says where to answer', dropped],
]

const rfc5118: readonly Row[] = [
  ['4.1', 'ipv6-good', 'valid', asked],
  ['4.2', 'ipv6-bad', '400', badRequest],
  ['4.3', 'port-ambiguous', 'valid; 5070 is part of the address, which then is not ours (RFC 3261 §8.2.2.1)', [404]],
  ['4.4', 'port-unambiguous', 'valid; the port says nothing of whose host it is', asked],
  ['4.5', 'via-received-param-with-delim', 'to be taken; there is no such dialog', [481]],
  ['4.5', 'via-received-param-no-delim', 'valid: OPTIONS', [200]],
  ['4.6', 'ipv6-in-sdp', 'valid', asked],
  ['4.7', 'mult-ip-in-header', 'valid; there is no such dialog', [481]],
  ['4.8', 'mult-ip-in-sdp', 'valid', asked],
  ['4.9', 'ipv4-mapped-ipv6', 'valid', asked],
  ['4.10', 'ipv6-correct-abnf-2-colons', 'valid: OPTIONS to an address of ours', [200]],
  ['4.10', 'ipv6-bug-abnf-3-colons', 'to be taken: the same address', [200]],
]

/** Both RFCs whole, as strangers send them. */
export const tortureMessages: readonly TortureMessage[] = [
  ...rfc4475.map((row) => message('rfc4475', row)),
  ...rfc5118.map((row) => message('rfc5118', row)),
]

function message(corpus: Corpus, [section, name, says, udp, tcp = udp]: Row): TortureMessage {
  return { corpus, section, name, says, udp, tcp }
}
