import { X509Certificate } from 'node:crypto'
import type { Clock } from '../../platform/clock.ts'
import { systemClock } from '../../platform/systemClock.ts'
import { fingerprintOf } from './certificate.ts'
import type { DtlsPeer, Fingerprint, Handshake, HandshakeEvents, Handshakes } from './handshakes.ts'
import { WeriftHandshake } from './weriftHandshake.ts'
import type { Identity, Werift } from './weriftSocket.ts'

export interface LocalOptions {
  readonly clock?: Clock
  /** Without one, one is made. */
  readonly identity?: Identity
}

/** Handshakes in this thread, all with one certificate. werift is loaded here and not before: it takes a while. */
export async function createHandshakes({ clock = systemClock, identity }: LocalOptions = {}): Promise<Handshakes> {
  const werift = await import('werift')
  return new LocalHandshakes(werift, identity ?? (await newIdentity()), clock)
}

/** A self-signed certificate with a key on P-256, as browsers have them. */
export async function newIdentity(): Promise<Identity> {
  const { CipherContext, HashAlgorithm, NamedCurveAlgorithm, SignatureAlgorithm } = await import('werift')
  const { certPem, keyPem } = await CipherContext.createSelfSignedCertificateWithKey(
    { hash: HashAlgorithm.sha256_4, signature: SignatureAlgorithm.ecdsa_3 },
    NamedCurveAlgorithm.secp256r1_23,
  )
  return { certPem, keyPem }
}

class LocalHandshakes implements Handshakes {
  readonly fingerprint: Fingerprint
  readonly #werift: Werift
  readonly #identity: Identity
  readonly #clock: Clock
  readonly #open = new Set<Handshake>()

  constructor(werift: Werift, identity: Identity, clock: Clock) {
    this.#werift = werift
    this.#identity = identity
    this.#clock = clock
    this.fingerprint = fingerprintOf(new X509Certificate(identity.certPem).raw)
  }

  begin(peer: DtlsPeer, events: HandshakeEvents): Handshake {
    const tools = { werift: this.#werift, identity: this.#identity, clock: this.#clock }
    const handshake = new WeriftHandshake(tools, peer, events, () => this.#open.delete(handshake))
    this.#open.add(handshake)
    return handshake
  }

  close(): void {
    for (const handshake of this.#open) handshake.close()
  }
}
