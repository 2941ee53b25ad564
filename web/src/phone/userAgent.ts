import { URI, UserAgent, Web } from 'sip.js'

/** How long candidates are waited for before an offer or answer goes out, ms. What comes later is not needed: the server sees it. */
const GATHERING = 500
/** The server decides how long a phone rings; this is for a server that is gone, s. */
const RINGS_AT_MOST = 300

export interface UserAgentOptions {
  readonly user: string
  /** The password when it has just been typed, else what is kept of it. */
  readonly secret: { readonly password: string } | { readonly ha1: string }
  /** The server's name without port, an IPv6 address in brackets. */
  readonly host: string
  /** `wss://host:port/sip` */
  readonly server: string
  /** The microphone for a call that begins; it was opened before. */
  microphone(): Promise<MediaStream>
  iceServers(): RTCIceServer[]
}

/** SIP.js's user agent, for audio alone. It neither connects nor registers by itself. */
export function makeUserAgent({ user, secret, host, server, microphone, iceServers }: UserAgentOptions): UserAgent {
  const userAgent: UserAgent = new UserAgent({
    uri: addressOf(user, host),
    authorizationUsername: user,
    ...('ha1' in secret ? { authorizationHa1: secret.ha1 } : { authorizationPassword: secret.password }),
    transportOptions: { server, connectionTimeout: 10, keepAliveInterval: 0, traceSip: false },
    gracefulShutdown: false,
    noAnswerTimeout: RINGS_AT_MOST,
    userAgentString: 'Offhook phone page',
    logBuiltinEnabled: false,
    logConfiguration: false,
    sessionDescriptionHandlerFactory: () =>
      new Web.SessionDescriptionHandler(userAgent.getLogger('media'), microphone, {
        iceGatheringTimeout: GATHERING,
        peerConnectionConfiguration: { iceServers: iceServers(), bundlePolicy: 'max-bundle', rtcpMuxPolicy: 'require' },
      }),
  })
  return userAgent
}

/** The SIP address of `user` at `host`, written so that any user name is one. */
export function addressOf(user: string, host: string): URI {
  return new URI('sip', encodeURIComponent(user), host)
}
