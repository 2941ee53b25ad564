import type { Endpoint } from '../../platform/network.ts'

/** Where an agent may be reached (RFC 8445 §5.1). One component alone, as RTCP shares the port of RTP. */
export interface Candidate extends Endpoint {
  readonly priority: number
}

/** What one side's description says of its ICE agent (RFC 8839). */
export interface IceParameters {
  readonly ufrag: string
  readonly password: string
}

/** What the peer's says. */
export interface RemoteIce extends IceParameters {
  /** IP addresses; those of names (`.local`) are left out before. */
  readonly candidates: readonly Candidate[]
  /** It only answers checks (RFC 8445 §2.5). */
  readonly lite: boolean
}

const HOST = 126
const PEER_REFLEXIVE = 110

/** The priority of the host candidate that is the `index`-th of ours (RFC 8445 §5.1.2.1). */
export function hostPriority(index: number): number {
  return priority(HOST, index)
}

/** That of the candidate which a peer may learn from a check out of the `index`-th base. */
export function reflexivePriority(index: number): number {
  return priority(PEER_REFLEXIVE, index)
}

function priority(preference: number, index: number): number {
  return preference * 2 ** 24 + (65_535 - index) * 2 ** 8 + 255
}

/** RFC 8445 §6.1.2.3; as a number it loses what decides among equals only. */
export function pairPriority(controlling: number, controlled: number): number {
  const [low, high] = [Math.min(controlling, controlled), Math.max(controlling, controlled)]
  return low * 2 ** 32 + 2 * high + (controlling > controlled ? 1 : 0)
}
