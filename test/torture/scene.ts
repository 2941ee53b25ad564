import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import type { Status } from '../../src/api/operations.ts'
import type { Endpoint } from '../../src/platform/network.ts'
import { type Offhook, startOffhook } from '../support/offhook.ts'

/** The hosts that the messages call their server. */
const DOMAINS = [
  'example.com',
  'example.net',
  'example.org',
  'registrar.example.com',
  'chair-dnrc.example.com',
  '2001:db8::10',
  '2001:db8::192.0.2.1',
]

/** A server that takes itself for all the hosts of the messages, on both loopback addresses. */
export interface Scene {
  readonly server: Offhook
  /** Its SIP listener, UDP and TCP. */
  readonly v4: Endpoint
  readonly v6: Endpoint
  status(): Promise<Required<Status>>
}

export async function tortureScene(t: Test): Promise<Scene> {
  // Not tap's own test directory: the control socket's path must stay under 104 octets.
  const root = mkdtempSync(join(tmpdir(), 'offhook-'))
  const data = join(root, 'data')
  mkdirSync(data)
  writeFileSync(join(data, 'offhook.yaml'), `domains: ${JSON.stringify(DOMAINS)}\n`)
  const server = await startOffhook(data, { args: ['--host', '::'] })
  t.teardown(async () => {
    await server.stop()
    if (!t.passing()) console.error(`--- offhook wrote:\n${server.log()}`)
    rmSync(root, { recursive: true })
  })
  return {
    server,
    v4: { address: '127.0.0.1', port: server.sip.udp },
    v6: { address: '::1', port: server.sip.udp },
    status: async () => JSON.parse(await server.cli('status', '--json')),
  }
}
