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
