import type { Handshakes } from '../../../src/webrtc/dtls/handshakes.ts'

/** The fingerprint of nobody's certificate. */
export const FINGERPRINT = { algorithm: 'sha-256', value: Array.from({ length: 32 }, () => 'AB').join(':') }

/** Handshakes that never come to an end: for tests of what a browser's phone is told, not of what it hears. */
export const silentHandshakes: Handshakes = {
  fingerprint: FINGERPRINT,
  begin: () => ({ take() {}, close() {} }),
  close() {},
}
