import type { DtlsClient, DtlsServer, Transport } from 'werift'
import type { SrtpKeys } from '../../rtp/srtp/srtpKeys.ts'
import type { DtlsPeer } from './handshakes.ts'
import { SRTP_PROFILE } from './hello.ts'
import { type Record, writeRecord } from './record.ts'

/** What is used of werift; loaded when the first handshakes are made. */
export type Werift = typeof import('werift')

/** A certificate and its key, both in PEM. */
export interface Identity {
  readonly certPem: string
  readonly keyPem: string
}

export interface SocketOptions {
  readonly role: DtlsPeer['role']
  readonly identity: Identity
  /** What a server's HelloVerifyRequest asks for (RFC 6347 §4.2.1). */
  readonly cookie: Uint8Array
}

export interface SocketEvents {
  /** A datagram to the peer: some records. */
  send(datagram: Buffer): void
  connected(): void
  /** It will not connect. */
  failed(cause: unknown): void
}

/** Its last message has been answered: no flight waits for a later one, so none is sent again. */
const NO_FLIGHT_WAITS = 99
const KEY = 16
const SALT = 14

/**
 * One DTLS connection of werift, which checks nothing of what the peer proves: whoever gives it messages has done so.
 * It wants them whole, in their order and once.
 */
export class WeriftSocket {
  readonly #socket: DtlsClient | DtlsServer
  readonly #transport: Transport
  #isStopped = false

  constructor(werift: Werift, { role, identity, cookie }: SocketOptions, events: SocketEvents) {
    this.#transport = {
      type: 'udp',
      address: { address: '', family: 'IPv4', port: 0 },
      closed: false,
      onData: () => {},
      send: async (datagram) => {
        if (!this.#isStopped) events.send(datagram)
      },
      close: async () => {},
    }
    const options = {
      transport: this.#transport,
      cert: identity.certPem,
      key: identity.keyPem,
      signatureHash: { hash: werift.HashAlgorithm.sha256_4, signature: werift.SignatureAlgorithm.ecdsa_3 },
      srtpProfiles: [werift.ProtectionProfileAes128CmHmacSha1_80],
      certificateRequest: role === 'server',
      extendedMasterSecret: true,
    }
    const socket = role === 'server' ? new werift.DtlsServer(options) : new werift.DtlsClient(options)
    if (role === 'server') socket.dtls.cookie = Buffer.from(cookie)
    this.#socket = socket
    const failed = (cause: unknown) => {
      if (!this.#isStopped) events.failed(cause)
    }
    socket.onConnect.subscribe(() => {
      if (!this.#isStopped) events.connected()
    })
    socket.onError.subscribe(failed)
    if ('connect' in socket) socket.connect().catch(failed)
  }

  /** Null until both sides' key shares are known. */
  get masterSecret(): Buffer | null {
    const { masterSecret, cipher } = this.#socket.cipher
    return cipher && masterSecret ? masterSecret : null
  }

  /** Null unless the profile was agreed on. */
  get keys(): SrtpKeys | null {
    if (this.#socket.srtp.srtpProfile !== SRTP_PROFILE) return null
    const { localKey, localSalt, remoteKey, remoteSalt } = this.#socket.extractSessionKeys(KEY, SALT)
    return {
      profile: 'AES_CM_128_HMAC_SHA1_80',
      local: { key: copy(localKey), salt: copy(localSalt) },
      remote: { key: copy(remoteKey), salt: copy(remoteSalt) },
    }
  }

  /** Has it act on a record. */
  deliver(record: Buffer): void {
    if (!this.#isStopped) this.#transport.onData(record, ['', 0])
  }

  /** The plain text of a record of epoch 1; null if it is not the peer's. */
  open({ type, version, epoch, sequence, fragment }: Record): Buffer | null {
    const { sessionType, cipher } = this.#socket
    try {
      return cipher.cipher.decrypt(sessionType, fragment, { type, version, epoch, sequenceNumber: sequence })
    } catch {
      return null
    }
  }

  /** A record of epoch 1; no two may have the same sequence number. */
  seal(type: number, sequence: number, plain: Buffer): Buffer {
    const { sessionType, cipher } = this.#socket
    const header = { type, version: 0xfefd, epoch: 1, sequenceNumber: sequence }
    return writeRecord(type, 1, sequence, cipher.cipher.encrypt(sessionType, plain, header))
  }

  /** Nothing is sent or told from here on. A wait of werift's that has begun ends by itself, within 6 s, and does nothing. */
  stop(): void {
    this.#isStopped = true
    this.#socket.dtls.flight = NO_FLIGHT_WAITS
  }
}

/** Of its own memory: a view would carry its pool along to another thread. */
function copy(octets: Uint8Array): Uint8Array {
  return Uint8Array.from(octets)
}
