import { X509Certificate } from 'node:crypto'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FastifyPluginAsync } from 'fastify'
import type { LiveHttps } from './api/live.ts'
import { acmeCertificates } from './certificates/acme.ts'
import type { CertificateSource } from './certificates/certificate.ts'
import { certificateFiles, UnusableCertificate } from './certificates/certificateFiles.ts'
import { type OwnAuthority, ownAuthority } from './certificates/ownAuthority.ts'
import type { ServerOptions } from './config.ts'
import { OffhookError } from './errors.ts'
import { authority } from './http/routes/authority.ts'
import { health } from './http/routes/health.ts'
import { ice } from './http/routes/ice.ts'
import { pages } from './http/routes/pages.ts'
import { loadWebFiles } from './http/webFiles.ts'
import { WebServer } from './http/webServer.ts'
import { ownAddresses } from './interfaces.ts'
import { listening } from './listening.ts'
import type { Pbx } from './pbx.ts'
import { runCommand } from './platform/command.ts'
import type { Endpoint } from './platform/network.ts'
import { nodeHttps } from './platform/nodeHttps.ts'
import { nodePlainHttp } from './platform/plainHttp.ts'
import type { Platform } from './platform/platform.ts'
import { systemCode } from './platform/systemError.ts'
import { nodeTextFiles } from './platform/textFiles.ts'
import type { Advertiser } from './sip/transport/advertise.ts'
import { type DataDirectory, unwritable } from './store/dataDirectory.ts'
import { version } from './version.ts'

/** Where the build puts the phone page. */
const PAGE = fileURLToPath(new URL('../dist/web', import.meta.url))

export interface WebParts {
  readonly options: ServerOptions
  readonly platform: Platform
  readonly advertiser: Advertiser
  readonly directory: DataDirectory
  readonly pbx: Pbx
  /** Names by which phones may call us, besides our addresses. */
  readonly domains: readonly string[]
  /** Called for each WebSocket of a phone. */
  expectBrowsers(): void
  /** Routes of other parts. */
  readonly routes?: readonly FastifyPluginAsync[]
}

/** The HTTPS port while it is open. */
export interface Web {
  /** Where it listens now. */
  readonly endpoints: readonly Endpoint[]
  readonly port: number
  status(): LiveHttps
  /** The addresses of this host are others now. */
  follow(addresses: readonly string[]): void
  /** This host is known by other names or addresses now, be they its own or a router's. */
  renamed(): void
  close(): Promise<void>
}

/**
 * Opens the HTTPS port on `addresses`: certificate, phone page, and the WebSockets of browsers' phones. Rejects with an
 * `OffhookError` where a person can mend it.
 */
export async function openWeb(parts: WebParts, addresses: readonly string[], port: number): Promise<Web> {
  const { options, platform, advertiser, pbx } = parts
  const own = options.certificate === null ? await openAuthority(parts) : null
  let bound = port
  const certificate = await openCertificate(parts, own ?? (await openFiles(parts)), () => bound)
  const isPublic = (): boolean => certificate.current.chain !== own?.current.chain
  const server = await WebServer.create({
    ...{ web: nodeHttps, log: platform.log, certificate },
    isPublic,
    routes: [
      pages(await loadWebFiles(PAGE)),
      health(version, (host, local) => (pbx.isOurs(host) ? host : local)),
      authority(own?.authority ?? null),
      iceFor(parts),
      ...(parts.routes ?? []),
    ],
    origins: options.allowedOrigins,
    admits: (address) => pbx.penalties.admits(address),
    isLocal: (address) => advertiser.isLocal(address),
    accept(connection) {
      parts.expectBrowsers()
      pbx.transport.acceptWebSocket(connection)
    },
  })
  const renamed = (): void => {
    own?.refresh().catch((error: unknown) => {
      platform.log.warn({ error: String(error) }, 'no certificate for the new addresses could be made')
    })
  }
  const close = async (): Promise<void> => {
    certificate.close()
    await server.close()
  }
  try {
    bound = await listening(() => server.listen(addresses, port), addresses, port, '--https-port')
    return {
      ...{ port: bound, close },
      get endpoints() {
        return server.endpoints
      },
      status: () => ({
        connections: server.connections,
        certificateUntil: new Date(new X509Certificate(certificate.current.chain).validTo).toISOString(),
        authority: own === null || isPublic() ? null : new X509Certificate(own.authority).fingerprint256,
      }),
      follow(now) {
        void server.follow(now)
        renamed()
      },
      renamed,
    }
  } catch (error) {
    await close()
    throw error
  }
}

function iceFor({ options, platform, advertiser, pbx }: WebParts): FastifyPluginAsync {
  return ice({
    ...{ clock: platform.clock, log: platform.log, authenticator: pbx.authenticator, turn: options.turn },
    admits: (address) => pbx.penalties.admits(address),
    stunPort: () => pbx.stun.endpoints[0]?.port ?? null,
    addressFor: (local, remote) => advertiser.addressFor(local, remote),
  })
}

/** That of a public authority if there is to be one, `fallback` until it is there. */
async function openCertificate(
  { options, platform, directory }: WebParts,
  fallback: CertificateSource,
  httpsPort: () => number,
): Promise<CertificateSource> {
  const { acme, host } = options
  if (acme === null) return fallback
  try {
    return await acmeCertificates({
      ...{ acme, fallback, httpsPort, clock: platform.clock, log: platform.log },
      ...{ files: nodeTextFiles, http: nodePlainHttp, run: runCommand },
      directory: join(directory.certificates, 'acme'),
      address: host,
    })
  } catch (cause) {
    fallback.close()
    throw systemCode(cause) === null ? cause : unwritable(directory.certificates, cause)
  }
}

async function openAuthority(parts: WebParts): Promise<OwnAuthority> {
  const { options, platform, advertiser, directory } = parts
  // What a public authority speaks for, ours need not.
  const domains = parts.domains.filter((name) => !options.acme?.names.includes(name))
  const { clock, random, log, network } = platform
  try {
    return await ownAuthority({
      ...{ directory: directory.certificates, files: nodeTextFiles, clock, random, log },
      hostName: hostname(),
      hosts: () => [...domains, ...ownAddresses(network, advertiser)],
    })
  } catch (cause) {
    throw systemCode(cause) === null ? cause : unwritable(directory.certificates, cause)
  }
}

async function openFiles({ options, platform }: WebParts): Promise<CertificateSource> {
  const { chain = '', key = '' } = options.certificate ?? {}
  try {
    return await certificateFiles({
      ...{ certificate: chain, key, files: nodeTextFiles },
      ...{ clock: platform.clock, log: platform.log },
    })
  } catch (cause) {
    if (!(cause instanceof UnusableCertificate)) throw cause
    const mend = 'name a PEM certificate and its key with --cert and --key'
    throw new OffhookError('CERTIFICATE_UNUSABLE', `${cause.message}; ${mend}`, { cause })
  }
}
