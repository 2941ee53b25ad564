import type { Endpoint, TcpConnection } from '../../../src/platform/network.ts'

/** A connection whose far end is the test. */
export class TestConnection implements TcpConnection {
  readonly local: Endpoint = { address: '10.0.0.1', port: 5060 }
  readonly remote: Endpoint
  pending = 0
  /** Whether we have closed it. */
  closed = false
  readonly written: string[] = []
  /** Octets that the peer sends. */
  comes: (bytes: Uint8Array) => void = () => {}
  /** The connection is gone. */
  ends: (cause?: Error) => void = () => {}

  constructor(remote: Endpoint = { address: '10.0.0.20', port: 50000 }) {
    this.remote = remote
  }

  write(bytes: Uint8Array): void {
    this.written.push(Buffer.from(bytes).toString('latin1'))
  }

  close(): void {
    this.closed = true
  }

  onData(run: (bytes: Uint8Array) => void): void {
    this.comes = run
  }

  onClosed(run: (cause?: Error) => void): void {
    this.ends = run
  }
}
