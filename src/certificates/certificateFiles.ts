import type { Clock, Millis, Timer } from '../platform/clock.ts'
import type { Log } from '../platform/log.ts'
import { systemCode } from '../platform/systemError.ts'
import type { TextFiles } from '../platform/textFiles.ts'
import { type Certificate, type CertificateSource, CurrentCertificate } from './certificate.ts'
import { misfit } from './pair.ts'

/**
 * How often the files are read again: a notification from the system would miss what is mounted, linked or on a network
 * drive, and two small files cost nothing.
 */
const LOOK_EVERY: Millis = 10_000

export interface CertificateFilesOptions {
  /** PEM: the certificate, then those between it and its root. */
  readonly certificate: string
  /** PEM, without a password. */
  readonly key: string
  readonly files: TextFiles
  readonly clock: Clock
  readonly log: Log
}

/** What cannot be used about a pair of files, in one sentence with the mend. */
export class UnusableCertificate extends Error {}

/**
 * A certificate of somebody else's making, taken again when its files change. A pair that cannot be used, as one of which
 * only half is written yet, is left alone and the one before goes on. Rejects with `UnusableCertificate` at first.
 */
export async function certificateFiles(options: CertificateFilesOptions): Promise<CertificateSource> {
  const { clock, log } = options
  const current = new CurrentCertificate(await readPair(options))
  let complained = ''
  let closed = false
  let timer: Timer
  const look = async (): Promise<void> => {
    try {
      const next = await readPair(options)
      complained = ''
      if (same(next, current.current)) return
      current.replace(next)
      log.info({ file: options.certificate }, 'the certificate was read again: its file has changed')
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error)
      if (problem !== complained) {
        log.warn({ file: options.certificate }, `${problem}; the certificate before it is used on`)
      }
      complained = problem
    }
  }
  const lookLater = (): void => {
    if (closed) return
    timer = clock.after(LOOK_EVERY, () => void look().then(lookLater))
  }
  lookLater()
  return {
    get current() {
      return current.current
    },
    onChanged: (run) => current.onChanged(run),
    close() {
      closed = true
      timer.cancel()
    },
  }
}

async function readPair({ certificate, key, files }: CertificateFilesOptions): Promise<Certificate> {
  const pair = { chain: await text(certificate, files), key: await text(key, files) }
  const problem = misfit(pair)
  if (problem === null) return pair
  throw new UnusableCertificate(`the certificate in ${certificate} ${problem}; the key is looked for in ${key}`)
}

async function text(path: string, files: TextFiles): Promise<string> {
  const found = await files.read(path).catch((error: unknown) => {
    throw new UnusableCertificate(`cannot read ${path} (${systemCode(error) ?? String(error)})`, { cause: error })
  })
  if (found === null) throw new UnusableCertificate(`there is no file ${path}`)
  return found
}

function same(a: Certificate, b: Certificate): boolean {
  return a.chain === b.chain && a.key === b.key
}
