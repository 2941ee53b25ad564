import type { Clock, Millis, Timer } from '../platform/clock.ts'
import type { Log } from '../platform/log.ts'
import type { TextFiles } from '../platform/textFiles.ts'
import { type Certificate, type CertificateSource, CurrentCertificate } from './certificate.ts'
import { AcmeFailure } from './challenges.ts'
import { type Life, lifeOf, renewalOf, waitAfter } from './renewal.ts'

/** The wall clock may be set, and a laptop sleep: it is looked at this often, whatever was reckoned. */
const LOOK_EVERY: Millis = 3600_000
/** Two orders are at least this far apart, whatever a certificate says of its life. */
const APART: Millis = 60_000
/** An authority that takes longer than this has forgotten us. */
const ISSUED_WITHIN: Millis = 20 * 60_000

export interface AcmeSourceOptions {
  readonly clock: Clock
  readonly log: Log
  readonly files: TextFiles
  /** Where the certificate is kept, with its key. */
  readonly file: string
  readonly names: readonly string[]
  /** Gets a new certificate; rejects, best with an `AcmeFailure`. */
  readonly issue: () => Promise<Certificate>
  /** What is shown while there is none, and closed with this source. */
  readonly fallback: CertificateSource
}

/**
 * A certificate that an authority gives us: kept in a file, got at once if none is there, renewed at two thirds of its life,
 * and shown from when it is there. Rejects with the system's error if the file cannot be read.
 */
export async function acmeSource(options: AcmeSourceOptions): Promise<CertificateSource> {
  const source = new AcmeSource(options, await keptIn(options))
  source.look()
  return source
}

class AcmeSource implements CertificateSource {
  readonly #options: AcmeSourceOptions
  readonly #current: CurrentCertificate
  readonly #unfollow: () => void
  #own: { readonly certificate: Certificate; readonly life: Life } | null
  #failures = 0
  /** Monotonic time before which nothing is ordered. */
  #notBefore: Millis = 0
  #timer: Timer = { cancel() {} }
  #closed = false

  constructor(options: AcmeSourceOptions, kept: Certificate | null) {
    this.#options = options
    this.#own = this.#usable(kept)
    this.#current = new CurrentCertificate(this.#best)
    this.#unfollow = options.fallback.onChanged(() => this.#show())
  }

  get current(): Certificate {
    return this.#current.current
  }

  onChanged(run: (certificate: Certificate) => void): () => void {
    return this.#current.onChanged(run)
  }

  close(): void {
    this.#closed = true
    this.#timer.cancel()
    this.#unfollow()
    this.#options.fallback.close()
  }

  /** Orders a certificate if it is time, and comes back when it will be. */
  look(): void {
    if (this.#closed) return
    const { clock } = this.#options
    this.#show()
    const due = this.#own === null ? 0 : renewalOf(this.#own.life) - clock.wall().getTime()
    const wait = Math.max(due, this.#notBefore - clock.now())
    if (wait <= 0) void this.#order().then(() => this.look())
    else this.#timer = clock.after(Math.min(wait, LOOK_EVERY), () => this.look())
  }

  async #order(): Promise<void> {
    const { clock, log, names } = this.#options
    try {
      const certificate = await within(clock, this.#options.issue())
      const own = this.#usable(certificate)
      if (own === null)
        throw new AcmeFailure('the certificate that was given is not for these names', 'check acme-directory')
      this.#own = own
      this.#failures = 0
      this.#notBefore = clock.now() + APART
      this.#show()
      log.info(
        { names, until: new Date(own.life.to).toISOString() },
        `there is a new certificate for ${names.join(', ')}`,
      )
      await this.#keep(certificate)
    } catch (error) {
      this.#failures++
      this.#notBefore = clock.now() + waitAfter(this.#failures)
      this.#complain(error)
    }
  }

  // It is good until the next start, even where it cannot be kept.
  async #keep({ chain, key }: Certificate): Promise<void> {
    const { files, file, log } = this.#options
    await files.write(file, `${key.trim()}\n${chain.trim()}\n`).catch((error: unknown) => {
      log.warn(
        { file, error: String(error) },
        `the new certificate cannot be kept in ${file}; make room, or let us write there`,
      )
    })
  }

  #complain(error: unknown): void {
    const { log, names, clock } = this.#options
    const problem = error instanceof Error ? error.message : String(error)
    const mend = error instanceof AcmeFailure ? error.mend : null
    const minutes = Math.round((this.#notBefore - clock.now()) / 60_000)
    const until = this.#own === null ? null : new Date(this.#own.life.to).toISOString()
    const what = `${until === null ? 'no certificate yet' : 'the certificate is not renewed yet'} for ${names.join(', ')}`
    log.warn(
      { names, until, mend, minutes },
      `${what}: ${problem}${mend === null ? '' : `; ${mend}`}; it is tried again in ${minutes} minutes`,
    )
  }

  get #best(): Certificate {
    const { clock, fallback } = this.#options
    return this.#own !== null && clock.wall().getTime() < this.#own.life.to ? this.#own.certificate : fallback.current
  }

  #show(): void {
    if (this.#closed) return
    const best = this.#best
    const { current } = this.#current
    if (best.chain !== current.chain || best.key !== current.key) this.#current.replace(best)
  }

  #usable(certificate: Certificate | null): { readonly certificate: Certificate; readonly life: Life } | null {
    const life = certificate && lifeOf(certificate, this.#options.names)
    return certificate && life && { certificate, life }
  }
}

// Key and chain stand in one file: so they are always of one another.
async function keptIn({ files, file }: AcmeSourceOptions): Promise<Certificate | null> {
  const text = await files.read(file)
  const [key] = /-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*-----END [A-Z ]*PRIVATE KEY-----/.exec(text ?? '') ?? []
  return text === null || key === undefined ? null : { key: `${key}\n`, chain: text.replace(key, '').trimStart() }
}

function within(clock: Clock, issued: Promise<Certificate>): Promise<Certificate> {
  return new Promise((resolve, reject) => {
    const timer = clock.after(ISSUED_WITHIN, () =>
      reject(new AcmeFailure('the certificate authority has not come to an end', 'wait; it is asked again')),
    )
    issued.then(resolve, reject).finally(() => timer.cancel())
  })
}
