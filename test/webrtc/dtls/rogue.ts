import { X509Certificate } from 'node:crypto'
import * as werift from 'werift'
import { fingerprintOf } from '../../../src/webrtc/dtls/certificate.ts'
import type { Fingerprint } from '../../../src/webrtc/dtls/handshakes.ts'
import type { Side, Wire } from './wire.ts'

export interface Identity {
  readonly certPem: string
  readonly keyPem: string
  readonly fingerprint: Fingerprint
}

const signatureHash = { hash: werift.HashAlgorithm.sha256_4, signature: werift.SignatureAlgorithm.ecdsa_3 }

export async function newIdentity(): Promise<Identity> {
  const { certPem, keyPem } = await werift.CipherContext.createSelfSignedCertificateWithKey(
    signatureHash,
    werift.NamedCurveAlgorithm.secp256r1_23,
  )
  return { certPem, keyPem, fingerprint: fingerprintOf(new X509Certificate(certPem).raw) }
}

export interface RogueOptions {
  readonly extendedMasterSecret?: boolean
  readonly srtpProfiles?: (1 | 7)[]
  readonly certificateRequest?: boolean
}

/** A peer that is werift alone, of which a test changes what it likes before `start`. */
export class Rogue {
  readonly socket: werift.DtlsClient | werift.DtlsServer
  isConnected = false

  constructor(wire: Wire, side: Side, { certPem, keyPem }: Identity, options: RogueOptions = {}) {
    const transport: werift.Transport = {
      type: 'udp',
      address: { address: '', family: 'IPv4', port: 0 },
      closed: false,
      onData: () => {},
      send: async (datagram) => wire.send(side, datagram),
      close: async () => {},
    }
    const all = {
      transport,
      cert: certPem,
      key: keyPem,
      signatureHash,
      srtpProfiles: [werift.ProtectionProfileAes128CmHmacSha1_80],
      certificateRequest: side === 'server',
      extendedMasterSecret: true,
      ...options,
    }
    this.socket = side === 'server' ? new werift.DtlsServer(all) : new werift.DtlsClient(all)
    this.socket.onConnect.subscribe(() => {
      this.isConnected = true
    })
    wire.attach(side, (datagram) => transport.onData(Buffer.from(datagram), ['', 0]))
  }

  start(): void {
    if ('connect' in this.socket) this.socket.connect().catch(() => {})
  }

  stop(): void {
    // It sends nothing again.
    this.socket.dtls.flight = 99
  }
}
