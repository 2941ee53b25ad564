import { parentPort, workerData } from 'node:worker_threads'
import { loadOpus } from '../../codecs/opus/opusLibrary.ts'
import { nodeFiles } from '../../platform/nodeFiles.ts'
import { nodeNetwork } from '../../platform/nodeNetwork.ts'
import { systemRandom } from '../../platform/random.ts'
import { systemClock } from '../../platform/systemClock.ts'
import { PortPool } from '../../rtp/ports/ports.ts'
import type { Handshakes } from '../../webrtc/dtls/handshakes.ts'
import { handshakesOver } from '../../webrtc/dtls/thread/handshakesOver.ts'
import { MediaError } from '../engine.ts'
import { portWire } from '../link/portWire.ts'
import { createLocalEngine } from '../localEngine.ts'
import { Batch } from './batch.ts'
import { Moderation, wake } from './moderation.ts'
import type { Command, Reply, ThreadData } from './protocol.ts'

// The entry of a media thread: the local engine, commanded over the port.

const { ports, webrtcPorts, owner, keptPairs, wakeCell, late, ownAddresses }: ThreadData = workerData
// What the codecs are made of; those that come meanwhile wait in the port.
await loadOpus()

let handshakes: Handshakes | null = null
const moderation = new Moderation(wakeCell, systemClock)
const engine = createLocalEngine({
  clock: systemClock,
  network: nodeNetwork,
  files: nodeFiles,
  random: systemRandom,
  ports: PortPool.attach(ports, owner),
  keptPairs,
  arrived: () => moderation.count(),
  ownAddresses,
  late,
  webrtc: { ports: PortPool.attach(webrtcPorts, owner), handshakes: async () => handshakes ?? absent() },
})

const replies = new Batch<Reply>(systemClock, (batch) => parentPort?.postMessage(batch))

engine.on((event) => reply({ type: 'event', event }))
parentPort?.on('message', (commands: readonly Command[]) => {
  for (const command of commands) void obey(command)
})
reply({ type: 'ready' })

function absent(): never {
  throw new MediaError('NO_WEBRTC', 'a leg of WebRTC came before its handshakes')
}

async function obey(command: Command): Promise<void> {
  switch (command.type) {
    case 'open':
      return open(command.request, command.legs)
    case 'update':
      return engine.update(command.leg, command.remote)
    case 'link':
      return engine.link(command.id, command.a, command.b)
    case 'linkFar':
      return engine.linkFar(command.id, command.leg, portWire(command.port, systemClock))
    case 'handshakes':
      handshakes = handshakesOver(command.port, command.fingerprint)
      return
    case 'follow':
      return engine.follow(command.ownAddresses)
    case 'unlink':
      return engine.unlink(command.id)
    case 'play':
      return engine.play(command.id, command.leg, command.sound)
    case 'stop':
      return engine.stop(command.id)
    case 'record':
      return engine.record(command.id, command.of, command.spec)
    case 'mix':
      return engine.mix(command.room, command.leg)
    case 'unmix':
      return engine.unmix(command.leg)
    case 'keys':
      return engine.sendDtmf(command.leg, command.digits, command.duration)
    case 'end':
      await engine.shutdown()
      // Of this thread alone.
      return process.exit(0)
    case 'stats':
      return reply({ type: 'stats', request: command.request, stats: await engine.stats(command.leg) })
    case 'close':
      return replies.addPatient({ type: 'stats', request: command.request, stats: await engine.close(command.leg) })
    default:
      command satisfies never
  }
}

async function open(request: number, legs: Parameters<typeof engine.open>[0]): Promise<void> {
  try {
    reply({ type: 'opened', request, media: await engine.open(legs) })
  } catch (error) {
    if (!(error instanceof MediaError)) throw error
    reply({ type: 'refused', request, code: error.code, message: error.message })
  }
}

function reply(message: Reply): void {
  replies.add(message)
  // It leaves at the end of this turn, and must not sleep until then.
  wake(wakeCell)
}
