import { parentPort, workerData } from 'node:worker_threads'
import { stepBack } from '../../../platform/threadPriority.ts'
import { createHandshakes, newIdentity } from '../localHandshakes.ts'
import { serveHandshakes } from './serveHandshakes.ts'
import type { Born, Ready } from './threadedHandshakes.ts'

// The entry of the thread that makes handshakes: werift is loaded here, and what it computes holds up nobody else.

/** By how much of niceness it stands behind the threads that have packets to pass: a handshake is long beside what those do, and can wait. */
const BEHIND = 10

stepBack(BEHIND)
const { port, identity: given }: Born = workerData
const identity = given ?? (await newIdentity())
const handshakes = await createHandshakes({ identity })
parentPort?.postMessage({ identity, fingerprint: handshakes.fingerprint } satisfies Ready)
serveHandshakes(port, handshakes)
