import type { ServerOptions } from './config.ts'
import type { MediaEngine } from './media/engine.ts'
import { createWorkerEngine } from './media/thread/workerEngine.ts'
import type { Clock } from './platform/clock.ts'
import type { Log } from './platform/log.ts'
import { PortPool } from './rtp/ports/ports.ts'
import type { Handshakes } from './webrtc/dtls/handshakes.ts'

/** All that runs beside the signalling thread. */
export interface Threads {
  readonly engine: MediaEngine
  /** Of RTP. */
  readonly ports: PortPool
  /** A browser has come: what its first call needs is made ready, for it takes a second. */
  expectBrowsers(): void
  close(): Promise<void>
}

/** Starts the media threads; what shakes hands with browsers starts with the first of them. */
export function startThreads(
  options: ServerOptions,
  { clock, log, ownAddresses }: { readonly clock: Clock; readonly log: Log; readonly ownAddresses: readonly string[] },
): Threads {
  const ports = PortPool.create(options.rtpPorts.from, options.rtpPorts.to)
  const webrtcPorts = PortPool.createSingle(options.webrtcPorts.from, options.webrtcPorts.to)
  let made: Promise<Handshakes> | null = null
  const handshakes = (): Promise<Handshakes> => {
    made ??= startHandshakes(log).catch((error: unknown) => {
      made = null
      throw error
    })
    return made
  }
  const engine = createWorkerEngine({
    threads: options.mediaThreads,
    ...{ ports, webrtcPorts, ownAddresses, clock, log, handshakes },
  })
  return {
    engine,
    ports,
    expectBrowsers() {
      // The first call that needs them says what is wrong.
      handshakes().catch(() => {})
    },
    async close() {
      await engine.shutdown()
      const running = await made?.catch(() => null)
      running?.close()
    },
  }
}

async function startHandshakes(log: Log): Promise<Handshakes> {
  const { createThreadedHandshakes } = await import('./webrtc/dtls/thread/threadedHandshakes.ts')
  return createThreadedHandshakes({
    onDeath: (cause) => log.error({ err: cause }, 'the thread of the DTLS handshakes died; another takes its place'),
  })
}
