import type { Test } from 'tap'
import type { SipMessage, SipResponse } from '../../../src/sip/message/message.ts'
import { bodyOf } from './body.ts'
import type { BrowserMedia } from './browserMedia.ts'
import type { VirtualPhone } from './phone.ts'
import { type PhoneSetup, type World, world } from './world.ts'

/** A phone in a browser. */
export const BROWSER: PhoneSetup = { transport: 'wss' }

let sentences = 0

/** Each says something in PCMU that the other one hears, word for word. */
export async function talk(a: VirtualPhone, b: VirtualPhone): Promise<void> {
  const number = ++sentences
  a.says(`hello ${number}`)
  await b.hears(`hello ${number}`)
  b.says(`hi ${number}`)
  await a.hears(`hi ${number}`)
}

/** The media side of a phone that is a browser. */
export function browserOf({ browser, options }: VirtualPhone): BrowserMedia {
  if (browser === null) throw new Error(`${options.user} is no browser`)
  return browser
}

/** A browser, 101, that calls a desk phone, 102. */
export async function ends(t: Test, browser: PhoneSetup = {}, desk: PhoneSetup = {}) {
  const all = await world(t)
  const alice = await all.phone('101', { ...BROWSER, ...browser })
  const bob = await all.phone('102', desk)
  await bob.registers()
  return { all, alice, bob }
}

export async function hangUp(t: Test, all: World, who: VirtualPhone, other: VirtualPhone): Promise<void> {
  await who.hangsUp()
  await other.isHungUpOn()
  await all.nothingIsLeft(t)
}

/** A re-INVITE, answered across the call; what came of it on both sides. */
export async function reoffers(
  who: VirtualPhone,
  other: VirtualPhone,
  sdp = who.sdp(),
): Promise<{ readonly offer: SipMessage; readonly answer: SipResponse }> {
  who.asks('INVITE', { sdp })
  const offer = await other.seesRequest('INVITE')
  other.answers()
  const answer = await who.seesResponse('200 INVITE')
  who.acknowledges(answer)
  await other.sees('ACK')
  return { offer, answer }
}

/** The values of the lines that begin so. */
export function values(message: { readonly body: Uint8Array }, start: string): string[] {
  const lines = bodyOf(message).split('\r\n')
  return lines.filter((line) => line.startsWith(start)).map((line) => line.slice(start.length))
}
