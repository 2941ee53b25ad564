import { connect, createSecureContext, rootCertificates, type SecureContext } from 'node:tls'
import { isIP } from './address.ts'
import type { Endpoint, Network, TcpConnection, TlsOptions } from './network.ts'
import { identityProblem } from './peerIdentity.ts'
import { tcpConnection } from './tcpConnection.ts'

/**
 * Connections over TLS to peers that prove who they are. `authorities`: PEM, trusted besides those that all trust; null:
 * none, but NODE_EXTRA_CA_CERTS. Throws at the first connection if they cannot be read.
 */
export function tlsConnector(authorities: string | null): Network['connectTls'] {
  let made: SecureContext | null = null
  // Once, when it is first needed: reading all authorities takes a while.
  const context = (): SecureContext => {
    made ??= createSecureContext({
      minVersion: 'TLSv1.2',
      ...(authorities === null ? {} : { ca: [...rootCertificates, authorities] }),
    })
    return made
  }
  return (to, options) => connectTls(to, options, context())
}

function connectTls(to: Endpoint, { from, timeout, name }: TlsOptions, secureContext: SecureContext) {
  const socket = connect({
    ...{ host: to.address, port: to.port, localAddress: from, noDelay: true, secureContext },
    // RFC 6066 §3: no address may stand there.
    ...(isIP(name) ? {} : { servername: name }),
    checkServerIdentity: (_host, certificate) => identityProblem(name, certificate),
  })
  return new Promise<TcpConnection>((resolve, reject) => {
    let connected = false
    const patience = setTimeout(() => socket.destroy(tooLate(to, connected)), timeout)
    const failed = (error: Error): void => {
      clearTimeout(patience)
      socket.on('error', () => {})
      reject(error)
    }
    socket.once('error', failed)
    socket.once('connect', () => {
      connected = true
    })
    socket.once('secureConnect', () => {
      clearTimeout(patience)
      socket.removeListener('error', failed)
      resolve(tcpConnection(socket))
    })
  })
}

function tooLate({ address, port }: Endpoint, connected: boolean): Error {
  if (!connected) return Object.assign(new Error(`no connection to ${address}:${port}`), { code: 'ETIMEDOUT' })
  return Object.assign(new Error(`no TLS handshake by ${address}:${port}`), { code: 'TLS_SILENT' })
}
