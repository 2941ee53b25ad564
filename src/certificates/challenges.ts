/** How it is proven that a name is ours: RFC 8555 §8. */
export interface Challenges {
  readonly type: 'http-01' | 'dns-01'
  /** Makes sure that proofs can be shown; rejects with an `AcmeFailure`. */
  ready(): Promise<void>
  /** Shows the proof for `name`; rejects with an `AcmeFailure`. */
  show(name: string, token: string, proof: string): Promise<void>
  /** Takes it away again; never rejects. */
  withdraw(name: string, token: string, proof: string): Promise<void>
  /** What to look after if the authority does not find the proof for `name`. */
  mend(name: string): string
  close(): void
}

/** Why there is no certificate: a plain sentence, without its full stop, and what to do about it. */
export class AcmeFailure extends Error {
  readonly mend: string

  constructor(message: string, mend: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'AcmeFailure'
    this.mend = mend
  }
}
