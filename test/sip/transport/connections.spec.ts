import t from 'tap'
import { ConnectionFlow } from '../../../src/sip/transport/connection.ts'
import { Connections } from '../../../src/sip/transport/connections.ts'
import { VirtualClock } from '../../support/virtual/clock.ts'
import { TestConnection } from './testConnection.ts'

const clock = new VirtualClock()

/** Adds a connection from a peer. */
function opened(connections: Connections, address: string, port = 50_000) {
  const connection = new TestConnection({ address, port })
  const flow = new ConnectionFlow('tcp', connection, connection.local, clock, { message() {}, broken() {} })
  connections.add(flow)
  return { connection, flow }
}

t.test('a peer is reached over its newest connection, while that is open', async (t) => {
  const connections = new Connections()
  const peer = { address: '10.0.0.20', port: 50_000 }
  t.equal(connections.to('tcp', peer), null)
  const old = opened(connections, peer.address)
  const young = opened(connections, peer.address)
  t.equal(connections.to('tcp', peer), young.flow)
  t.equal(connections.to('tls', peer), null, 'over another protocol it is another peer')
  t.equal(connections.to('tcp', { ...peer, port: 50_001 }), null)
  old.connection.ends()
  t.equal(connections.to('tcp', peer), young.flow, 'the end of the old one is not the end of the new')
  young.flow.close()
  t.equal(connections.to('tcp', peer), null, 'not while it closes')
  t.equal(connections.size, 1)
  young.connection.ends()
  t.equal(connections.size, 0)
})

t.test('200 from one address of a stranger, 20 000 in all', async (t) => {
  const connections = new Connections()
  const strangers = Array.from({ length: 200 }, (_, n) => opened(connections, '198.51.100.1', n))
  t.notOk(connections.hasRoomFor('198.51.100.1', true))
  t.ok(connections.hasRoomFor('198.51.100.1', false), 'were it ours')
  t.ok(connections.hasRoomFor('198.51.100.2', true))
  strangers[0]?.connection.ends()
  t.ok(connections.hasRoomFor('198.51.100.1', true))
  for (let n = connections.size; n < 20_000; n++) opened(connections, '10.0.0.20', n)
  t.notOk(connections.hasRoomFor('10.0.0.21', false))
})

t.test('all are closed', async (t) => {
  const connections = new Connections()
  const some = [opened(connections, '10.0.0.20'), opened(connections, '10.0.0.21')]
  connections.close()
  t.ok(some.every(({ connection }) => connection.closed))
})
