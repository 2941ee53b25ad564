import type { Baresip } from '../support/phones/baresip.ts'
import { type Sipp, startSipp } from '../support/phones/sipp.ts'
import {
  ackAnswer,
  calls,
  type Flow,
  maybe,
  receive,
  receiveAnswer,
  receiveRequest,
  responds,
  scenario,
} from '../support/phones/sippScenario.ts'
import type { Scene } from './people.ts'

/**
 * SIPp as 101 calls `bob`, who is 102, registers and answers; then it goes as `flow` says, till bob hangs up. Its media, PCMU
 * without telephone events, are at `port`.
 */
export async function sippCalls(people: Scene, bob: Baresip, port: number, ...flow: Flow): Promise<Sipp> {
  await bob.registers()
  const dialling = calls({ port, codecs: ['0 PCMU/8000'] })
  const talk = [maybe(100), receive(180), receiveAnswer(), ackAnswer()]
  const bye = [receiveRequest('BYE'), responds(200, 'OK')]
  const alice = await startSipp({
    dir: people.dir('sipp'),
    server: people.server.address('udp'),
    users: [{ ...people.users['101'], dials: '102' }],
    scenario: scenario('calls', dialling, talk, ...flow, bye),
    // Bob may talk for longer than other scenarios take.
    extra: ['-recv_timeout', '25000', '-timeout', '40s'],
  })
  await bob.rings()
  await bob.answers()
  return alice
}
