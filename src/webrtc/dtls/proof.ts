import { type KeyObject, timingSafeEqual } from 'node:crypto'
import { hasFingerprint, publicKeyOf, readCertificate } from './certificate.ts'
import type { DtlsPeer } from './handshakes.ts'
import { type Hello, readClientHello, readServerHello, SRTP_PROFILE } from './hello.ts'
import { MESSAGE, type Message, wholeMessage } from './message.ts'
import { isKeyExchangeSigned, isVerified } from './signature.ts'
import { verifyData } from './verifyData.ts'

/** ECDHE with ECDSA or RSA, AES_128_GCM, SHA-256 (RFC 5289). */
const SUITES = [0xc02b, 0xc02f]

interface Step {
  readonly type: number
  /** Whether the peer may leave it out. */
  readonly isOptional?: true
}

/** What a peer says before its Finished, in this order. */
const ORDER: { readonly [role in DtlsPeer['role']]: readonly Step[] } = {
  client: [
    { type: MESSAGE.clientHello },
    { type: MESSAGE.clientHello },
    { type: MESSAGE.certificate },
    { type: MESSAGE.clientKeyExchange },
    { type: MESSAGE.certificateVerify },
  ],
  server: [
    { type: MESSAGE.helloVerifyRequest, isOptional: true },
    { type: MESSAGE.serverHello },
    { type: MESSAGE.certificate },
    { type: MESSAGE.serverKeyExchange },
    { type: MESSAGE.certificateRequest, isOptional: true },
    { type: MESSAGE.serverHelloDone },
  ],
}

/**
 * What a full handshake of DTLS 1.2 has proved of the peer, told all messages in their order: that it has a certificate with
 * one of the fingerprints, and the key of it, and has seen the same messages as we. It relies on no other implementation.
 */
export class HandshakeProof {
  readonly #peer: DtlsPeer
  readonly #order: readonly Step[]
  /** All messages, as signatures and Finished count them. */
  #transcript: Buffer[] = []
  #clientHello: Hello | null = null
  #serverHello: Hello | null = null
  #key: KeyObject | null = null
  #at = 0
  #ownSequence = 0
  #isComplete = false

  constructor(peer: DtlsPeer) {
    this.#peer = peer
    this.#order = ORDER[peer.role === 'server' ? 'client' : 'server']
  }

  /** Whether all is proved. */
  get isComplete(): boolean {
    return this.#isComplete
  }

  /** Whether nothing but the peer's Finished is missing. */
  get awaitsFinished(): boolean {
    return this.#at === this.#order.length && !this.#isComplete
  }

  /** Takes a message of ours, but not Finished. */
  said(message: Message): void {
    this.#ownSequence = message.sequence + 1
    // RFC 6347 §4.2.1: neither it nor the ClientHello before it counts.
    if (message.type === MESSAGE.helloVerifyRequest) return
    if (message.type === MESSAGE.clientHello) this.#clientHello = readClientHello(message.body)
    if (message.type === MESSAGE.serverHello) this.#serverHello = readServerHello(message.body)
    this.#transcript.push(message.octets)
  }

  /** Takes a message of the peer before anybody acts on it; why the handshake must end, or null. */
  heard(message: Message): string | null {
    if (!this.#isNext(message)) return `the peer's handshake message ${message.type} came out of order`
    switch (message.type) {
      case MESSAGE.clientHello:
        return this.#heardClientHello(message)
      case MESSAGE.helloVerifyRequest:
        this.#transcript = []
        return null
      case MESSAGE.serverHello:
        return this.#note(message, this.#heardServerHello(message.body))
      case MESSAGE.certificate:
        return this.#note(message, this.#heardCertificate(message.body))
      case MESSAGE.serverKeyExchange:
        return this.#note(message, this.#heardKeyExchange(message.body))
      case MESSAGE.certificateVerify:
        return this.#note(message, this.#heardVerify(message.body))
      default:
        return this.#note(message, null)
    }
  }

  /** Takes the verify_data of the peer's Finished, which came encrypted; why the handshake must end, or null. */
  finished(data: Uint8Array, masterSecret: Uint8Array): string | null {
    if (!this.awaitsFinished) return "the peer's Finished came out of order"
    const isClient = this.#peer.role === 'client'
    if (isClient) {
      const own = verifyData('client', masterSecret, Buffer.concat(this.#transcript))
      this.#transcript.push(wholeMessage(MESSAGE.finished, this.#ownSequence, own).octets)
    }
    const expected = verifyData(isClient ? 'server' : 'client', masterSecret, Buffer.concat(this.#transcript))
    if (data.length !== expected.length || !timingSafeEqual(data, expected)) {
      return "the peer's Finished is not that of the messages we saw"
    }
    this.#isComplete = true
    return null
  }

  #isNext({ type }: Message): boolean {
    for (let step = this.#order[this.#at]; step; step = this.#order[this.#at]) {
      this.#at++
      if (step.type === type) return true
      if (!step.isOptional) return false
    }
    return false
  }

  #note(message: Message, reason: string | null): string | null {
    this.#transcript.push(message.octets)
    return reason
  }

  #heardClientHello(message: Message): string | null {
    const hello = readClientHello(message.body)
    const first = this.#clientHello
    if (!hello) return "the peer's ClientHello cannot be read"
    this.#clientHello = hello
    if (!first) return null
    if (!hello.random.equals(first.random)) return "the peer's second ClientHello is not the first one again"
    if (!hello.srtpProfiles.includes(SRTP_PROFILE)) return 'the peer offers no SRTP_AES128_CM_HMAC_SHA1_80'
    if (!hello.extendedMasterSecret) return 'the peer offers no extended master secret'
    return this.#note(message, null)
  }

  #heardServerHello(body: Buffer): string | null {
    const hello = readServerHello(body)
    if (!hello) return "the peer's ServerHello cannot be read"
    this.#serverHello = hello
    if (!hello.suites.every((suite) => SUITES.includes(suite)))
      return 'the peer chose a cipher suite that was not offered'
    const [profile, ...more] = hello.srtpProfiles
    if (profile !== SRTP_PROFILE || more.length > 0) return 'the peer did not agree to SRTP_AES128_CM_HMAC_SHA1_80'
    return hello.extendedMasterSecret ? null : 'the peer did not agree to the extended master secret'
  }

  #heardCertificate(body: Buffer): string | null {
    const certificate = readCertificate(body)
    if (!certificate) return 'the peer presented no certificate'
    if (!hasFingerprint(certificate, this.#peer.fingerprints)) {
      return "the peer's certificate does not have the fingerprint of its SDP"
    }
    this.#key = publicKeyOf(certificate)
    return this.#key ? null : "the peer's certificate cannot be used"
  }

  #heardKeyExchange(body: Buffer): string | null {
    const [client, server] = [this.#clientHello, this.#serverHello]
    const isSigned = this.#key && client && server && isKeyExchangeSigned(body, this.#key, client.random, server.random)
    return isSigned ? null : "the peer's key exchange is not signed with the key of its certificate"
  }

  #heardVerify(body: Buffer): string | null {
    const isSigned = this.#key && isVerified(body, this.#key, Buffer.concat(this.#transcript))
    return isSigned ? null : 'the peer does not have the key of its certificate'
  }
}
