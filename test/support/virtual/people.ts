import type { Test } from 'tap'
import type { VirtualPhone } from './phone.ts'
import { type PhoneSetup, type World, type WorldOptions, world } from './world.ts'

export interface TwoPhones extends World {
  /** 101, who calls. */
  readonly alice: VirtualPhone
  /** 102, who is registered. */
  readonly bob: VirtualPhone
}

export interface TwoPhonesOptions extends WorldOptions {
  readonly alice?: Partial<PhoneSetup>
  readonly bob?: Partial<PhoneSetup>
}

const G729 = { codecs: ['0 PCMU/8000', '18 G729/8000', '101 telephone-event/8000'] }

/** Both speak, beside PCMU, a codec that we cannot make of another. */
export const bothG729: TwoPhonesOptions = { alice: G729, bob: G729 }

/** A world with two people in it. */
export async function twoPhones(t: Test, how: TwoPhonesOptions = {}): Promise<TwoPhones> {
  const all = await world(t, how)
  const alice = await all.phone('101', how.alice)
  const bob = await all.phone('102', how.bob)
  await bob.registers()
  return Object.assign(all, { alice, bob })
}

/** Two people in a call that 101 made. */
export async function talking(t: Test, how: TwoPhonesOptions = {}): Promise<TwoPhones> {
  const all = await twoPhones(t, how)
  await all.alice.calls('102')
  await all.bob.rings()
  all.bob.answers()
  await all.alice.talks()
  await all.bob.sees('ACK')
  return all
}

export interface TwoRinging extends World {
  /** 101, who calls. */
  readonly alice: VirtualPhone
  /** Both 102's, and ringing. */
  readonly desk: VirtualPhone
  readonly kitchen: VirtualPhone
}

/** 101 calls 102, whose two phones ring. */
export async function bothRinging(t: Test): Promise<TwoRinging> {
  const all = await world(t)
  const alice = await all.phone('101')
  const desk = await all.phone('102')
  const kitchen = await all.phone('102')
  await desk.registers()
  await kitchen.registers()
  await alice.calls('102')
  await desk.rings()
  await kitchen.rings()
  return Object.assign(all, { alice, desk, kitchen })
}
