import { createLocalEngine } from '../../src/media/localEngine.ts'
import { PortPool } from '../../src/rtp/ports/ports.ts'
import type { EngineBench } from '../contracts/engineScene.ts'
import { VirtualClock } from '../support/virtual/clock.ts'
import { VirtualFiles } from '../support/virtual/files.ts'
import { VirtualNetwork } from '../support/virtual/network.ts'
import { seededRandom } from '../support/virtual/random.ts'

export const SERVER = '10.0.0.1'

/** The local engine on a virtual network, with three pairs of ports if none are given, of which it keeps `keptPairs`. */
export function virtualEngine(low = 21000, high = 21005, keptPairs = 0) {
  const ports = PortPool.create(low, high)
  const clock = new VirtualClock()
  const net = new VirtualNetwork(clock)
  const network = net.host(SERVER)
  const files = new VirtualFiles()
  const engine = createLocalEngine({
    clock,
    network,
    files,
    random: seededRandom(1),
    ports,
    keptPairs,
    ownAddresses: [SERVER],
  })
  const bench: EngineBench = {
    engine,
    low,
    high,
    network: net.host('10.0.0.5'),
    address: SERVER,
    phoneAddress: '10.0.0.5',
    stirred() {},
    async until(holds, what) {
      if (!(await clock.advanceUntil(holds, 5000))) throw new Error(`${what} did not come within 5 s`)
    },
    end: () => engine.shutdown(),
  }
  return { ...bench, clock, net, ports, files }
}
