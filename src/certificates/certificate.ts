/** What a TLS server shows: PEM, the certificate first in `chain`, then whatever issued it, the root left out. */
export interface Certificate {
  readonly chain: string
  readonly key: string
}

/** Where the server's certificate comes from, and how it hears of a new one. */
export interface CertificateSource {
  readonly current: Certificate
  /** Calls `run` with each new certificate; gives a function that takes the call back. */
  onChanged(run: (certificate: Certificate) => void): () => void
  /** Looks for new ones no more. */
  close(): void
}

/** The certificate in use, and who wants to hear of the next one. */
export class CurrentCertificate {
  readonly #listeners = new Set<(certificate: Certificate) => void>()
  #current: Certificate

  constructor(first: Certificate) {
    this.#current = first
  }

  get current(): Certificate {
    return this.#current
  }

  onChanged(run: (certificate: Certificate) => void): () => void {
    this.#listeners.add(run)
    return () => this.#listeners.delete(run)
  }

  replace(next: Certificate): void {
    this.#current = next
    for (const run of this.#listeners) run(next)
  }
}
