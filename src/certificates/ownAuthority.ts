import { X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import type { Clock, Millis, Timer } from '../platform/clock.ts'
import type { Log } from '../platform/log.ts'
import type { Random } from '../platform/random.ts'
import type { TextFiles } from '../platform/textFiles.ts'
import { type Certificate, type CertificateSource, CurrentCertificate } from './certificate.ts'
import { issue, makeAuthority } from './issue.ts'
import { permits } from './nameConstraints.ts'
import { type CertificateNames, certificateNames, covers, namesIn } from './names.ts'
import { fits } from './pair.ts'

const DAY: Millis = 24 * 3600 * 1000
/** A certificate that ends within this time is made anew. */
const RENEW_BEFORE = 30 * DAY
const LOOK_EVERY: Millis = 3600 * 1000

export interface OwnAuthorityOptions {
  /** Where the authority and its certificate are kept. */
  readonly directory: string
  readonly files: TextFiles
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** The host's own name, for people to tell one authority from another. */
  readonly hostName: string
  /** Every address and host name by which we may be called, as of now. */
  readonly hosts: () => readonly string[]
}

/** A source that signs its own certificates. */
export interface OwnAuthority extends CertificateSource {
  /** The authority's own certificate, PEM: what people install. */
  readonly authority: string
  /** Looks whether the names or addresses of this host are others now. */
  refresh(): Promise<void>
}

/**
 * An authority of our own in `directory`, made at the first start, and a certificate from it: made anew when this host has
 * names or addresses that are not in it, and in time before it ends. Rejects with the system's error if `directory`
 * cannot be read or written.
 */
export async function ownAuthority(options: OwnAuthorityOptions): Promise<OwnAuthority> {
  const { directory, files, clock, log } = options
  const paths = pathsIn(directory)
  const { authority, permitted } = await loadAuthority(options, paths)
  const kept = await readPair(files, paths.certificate, paths.key)
  const current = new CurrentCertificate(kept ?? { chain: '', key: '' })
  let timer: Timer = { cancel() {} }
  let running = Promise.resolve()
  let told = ''
  // A name that the authority may not speak for would spoil the certificate for all others.
  const speakable = (): CertificateNames => {
    const all = certificateNames(options.hosts())
    const beyond = all.dns.filter((name) => !permits(permitted, name))
    if (beyond.join() !== told) tellBeyond(options, beyond)
    told = beyond.join()
    return { dns: all.dns.filter((name) => !beyond.includes(name)), addresses: all.addresses }
  }

  const look = async (): Promise<void> => {
    const names = speakable()
    const now = clock.wall()
    if (isGood(current.current, authority, names, now)) return
    const next = await issue(authority, names, now, options.random)
    await files.write(paths.key, next.key)
    await files.write(paths.certificate, next.chain)
    log.info({ names: [...names.dns, ...names.addresses] }, 'a certificate for this host was made')
    current.replace(next)
  }
  // One after the other: two at a time would write over each other.
  const refresh = (): Promise<void> => {
    const next = running.then(look)
    running = next.catch(() => {})
    return next
  }
  const later = (): void => {
    timer = clock.after(LOOK_EVERY, () => {
      refresh().catch((error: unknown) => {
        log.warn(
          { directory, error: String(error) },
          'the certificate could not be renewed; it is tried again in an hour',
        )
      })
      later()
    })
  }
  await refresh()
  later()
  return {
    authority: authority.chain,
    get current() {
      return current.current
    },
    onChanged: (run) => current.onChanged(run),
    refresh,
    close: () => timer.cancel(),
  }
}

function pathsIn(directory: string) {
  return {
    authority: join(directory, 'authority.crt'),
    authorityKey: join(directory, 'authority.key'),
    /** The host names that it speaks for, one a line. */
    authorityNames: join(directory, 'authority.names'),
    certificate: join(directory, 'server.crt'),
    key: join(directory, 'server.key'),
  }
}

async function loadAuthority(
  { files, clock, random, log, hostName, hosts }: OwnAuthorityOptions,
  paths: ReturnType<typeof pathsIn>,
): Promise<{ authority: Certificate; permitted: readonly string[] }> {
  const kept = await readPair(files, paths.authority, paths.authorityKey)
  const keptNames = await files.read(paths.authorityNames)
  if (kept && keptNames !== null && endsAfter(kept, clock.wall().getTime() + RENEW_BEFORE)) {
    return { authority: kept, permitted: keptNames.split('\n').filter((name) => name !== '') }
  }
  const permitted = certificateNames(hosts()).dns
  const authority = await makeAuthority(`Offhook on ${hostName}`, permitted, clock.wall(), random)
  await files.write(paths.authorityKey, authority.key)
  await files.write(paths.authorityNames, `${permitted.join('\n')}\n`)
  await files.write(paths.authority, authority.chain)
  log.info(
    { file: paths.authority },
    'an authority of our own was made; browsers trust it once it is installed: see /ca',
  )
  return { authority, permitted }
}

function tellBeyond({ log, directory }: OwnAuthorityOptions, names: readonly string[]): void {
  if (names.length === 0) return
  const mend = `to have it speak for them remove ${directory}, restart, and install the new one from /ca`
  log.warn({ names, mend }, `our authority was made before this host had the names ${names.join(', ')}; ${mend}`)
}

async function readPair(files: TextFiles, certificate: string, key: string): Promise<Certificate | null> {
  const pair = { chain: (await files.read(certificate)) ?? '', key: (await files.read(key)) ?? '' }
  return fits(pair) ? pair : null
}

function isGood(pair: Certificate, authority: Certificate, names: CertificateNames, now: Date): boolean {
  if (!fits(pair) || !endsAfter(pair, now.getTime() + RENEW_BEFORE)) return false
  const certificate = new X509Certificate(pair.chain)
  const given = namesIn(certificate.subjectAltName)
  const issuer = new X509Certificate(authority.chain)
  return (
    given !== null && covers(given, names) && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)
  )
}

function endsAfter({ chain }: Certificate, time: number): boolean {
  return Date.parse(new X509Certificate(chain).validTo) > time
}
