import { join } from 'node:path'
import type { Clock } from '../platform/clock.ts'
import type { RunCommand } from '../platform/command.ts'
import type { Log } from '../platform/log.ts'
import type { PlainHttp } from '../platform/plainHttp.ts'
import type { TextFiles } from '../platform/textFiles.ts'
import { issueByAcme } from './acmeIssuer.ts'
import type { AcmeOptions } from './acmeOptions.ts'
import { acmeSource } from './acmeSource.ts'
import type { CertificateSource } from './certificate.ts'
import { dns01 } from './dns01.ts'
import { http01 } from './http01.ts'

export interface AcmeParts {
  readonly acme: AcmeOptions
  readonly clock: Clock
  readonly log: Log
  readonly files: TextFiles
  readonly http: PlainHttp
  readonly run: RunCommand
  /** Where the account's key and the certificate are kept, in a folder for each authority. */
  readonly directory: string
  /** The address that HTTP-01 is answered on; null: every one. */
  readonly address: string | null
  /** Where our pages are; asked when somebody is sent there. */
  readonly httpsPort: () => number
  /** What is shown until the authority has given us a certificate; closed with what this gives. */
  readonly fallback: CertificateSource
}

/**
 * Certificates from a public authority by ACME (RFC 8555), renewed while we run. Does not wait for the first. Rejects with
 * the system's error if `directory` cannot be read.
 */
export async function acmeCertificates(parts: AcmeParts): Promise<CertificateSource> {
  const { acme, clock, log, files, http, run, directory, address, httpsPort, fallback } = parts
  const challenges =
    acme.dnsHook === null ? http01({ http, address, port: acme.httpPort, httpsPort }) : dns01(acme.dnsHook, run, log)
  // Whoever types the name gets to our pages from the start, whether or not a certificate is due.
  challenges.ready().catch(() => {})
  // A change of authority, as from its staging to the real one, then orders at once.
  const kept = join(directory, new URL(acme.directory).host.replace(':', '_'))
  const accountKey = join(kept, 'account.key')
  const source = await acmeSource({
    ...{ clock, log, files, fallback, names: acme.names },
    file: join(kept, 'certificate.pem'),
    issue: () => issueByAcme({ acme, files, accountKey, challenges }),
  })
  return {
    get current() {
      return source.current
    },
    onChanged: (changed) => source.onChanged(changed),
    close() {
      challenges.close()
      source.close()
    },
  }
}
