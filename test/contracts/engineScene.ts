import type { Test } from 'tap'
import type { LegId, LocalMedia, MediaEngine, MediaEvent } from '../../src/media/engine.ts'
import type { Network } from '../../src/platform/network.ts'
import { fields } from '../rtp/rtpBytes.ts'
import { RtpPhone } from './rtpPhone.ts'

/** An engine and a network on which phones can reach it. */
export interface EngineBench {
  readonly engine: MediaEngine
  /** The range of its ports; three pairs if it is made for one test alone, else as many as all tests need. */
  readonly low: number
  readonly high: number
  readonly network: Network
  /** Where legs are opened, and where phones are. */
  readonly address: string
  readonly phoneAddress: string
  /** To be called when something has happened that `until` may wait for. */
  stirred(): void
  /** Lets time pass until `holds`; throws, naming `what`, if that does not come. */
  until(holds: () => boolean, what: string): Promise<void>
  end(): Promise<void>
}

/** Gives an engine, which tests may share, for starting one may take long; `alone`, a fresh one. */
export type MakeBench = (use: 'shared' | 'alone') => EngineBench

export async function scene(t: Test, make: MakeBench, use: 'shared' | 'alone' = 'shared') {
  const bench = make(use)
  const events: MediaEvent[] = []
  const unsubscribe = bench.engine.on((event) => {
    events.push(event)
    bench.stirred()
  })
  t.teardown(async () => {
    unsubscribe()
    await Promise.all(['a', 'b', 'c'].map((leg) => bench.engine.close(leg)))
    await bench.end()
  })
  const open = (...legs: LegId[]) => bench.engine.open(legs.map((id) => ({ id, call: 'call', address: bench.address })))
  return { bench, events, unsubscribe, open }
}

/** Two phones on the linked legs a and b. */
export async function talk(t: Test, make: MakeBench) {
  const { open, ...rest } = await scene(t, make)
  const { bench } = rest
  const [alice, bob] = [await phone(t, bench, 0xa11ce), await phone(t, bench, 0xb0b)]
  const [a, b] = await open('a', 'b')
  bench.engine.update('a', alice.sdp())
  bench.engine.update('b', bob.sdp())
  bench.engine.link('link', 'a', 'b')
  // Most commands have no answer, but what is asked after them is answered after them. Packets take another way.
  const obeyed = async () => void (await bench.engine.stats('a'))
  await obeyed()
  return { ...rest, alice, bob, obeyed, call: { a: given(a), b: given(b) } }
}

export async function phone(t: Test, bench: EngineBench, ssrc: number): Promise<RtpPhone> {
  const made = await RtpPhone.at(bench.network, bench.phoneAddress, ssrc, bench.stirred)
  t.teardown(() => made.close())
  return made
}

/** From the first packet to the last. */
export function sequencesApart(packets: readonly Uint8Array[]): number {
  const [first = 0, last = 0] = [packets[0], packets.at(-1)].map((packet) => packet && fields(packet).sequence)
  return (last - first) & 0xffff
}

export function given(media: LocalMedia | undefined): LocalMedia {
  if (media === undefined) throw new Error('the leg was not opened')
  return media
}
