import type { Direction } from '../rfcPhone/description.ts'
import type { IncomingCall } from '../rfcPhone/incomingCall.ts'
import type { OutgoingCall } from '../rfcPhone/outgoingCall.ts'
import type { RfcPhone } from '../rfcPhone/rfcPhone.ts'
import type { Scene, Talk } from './scene.ts'
import { Missed } from './stage.ts'

type AnyCall = OutgoingCall | IncomingCall

/** A call of two phones. */
export type TwoPartyPlay = (scene: Scene, from: RfcPhone, to: RfcPhone) => Promise<void>

/** All that two phones may do with each other, by name. */
export const calls: Readonly<Record<string, TwoPartyPlay>> = {
  async 'the caller hangs up'(scene, from, to) {
    const { caller, callee } = await scene.talk(from, to)
    await scene.pause(3_000)
    await scene.hangsUp(caller, callee)
  },

  async 'the callee hangs up'(scene, from, to) {
    const { caller, callee } = await scene.talk(from, to)
    await scene.pause(3_000)
    await scene.hangsUp(callee, caller)
  },

  async 'both hang up at once'(scene, from, to) {
    const { caller, callee } = await scene.talk(from, to)
    caller.conversation?.hangUp()
    callee.conversation?.hangUp()
    await scene.ends(caller, 'hung up')
    await scene.ends(callee, 'hung up')
  },

  async 'the caller hangs up as soon as it hears the answer'(scene, from, to) {
    const coming = scene.next(to)
    const caller = scene.calls(from, to.user)
    const callee = await coming
    callee.answers()
    await scene.until('the answer at the caller', () => caller.conversation !== null)
    await scene.hangsUp(caller, callee)
  },

  async 'the callee hangs up as soon as it has answered'(scene, from, to) {
    const coming = scene.next(to)
    const caller = scene.calls(from, to.user)
    const callee = await coming
    callee.answers()
    await scene.hangsUp(callee, caller)
  },

  async 'cancelled while it rings'(scene, from, to) {
    const coming = scene.next(to)
    const caller = scene.calls(from, to.user)
    const callee = await coming
    callee.rings()
    await scene.pause(5_000)
    caller.cancel()
    await scene.ends(caller, 'cancelled')
    await scene.ends(callee, 'was cancelled')
  },

  async 'cancelled at any moment'(scene, from, to) {
    to.onCall = (call) => {
      void scene.answers(call)
    }
    const before = to.incoming.length
    const caller = scene.calls(from, to.user)
    await scene.pause(4_000)
    caller.giveUp()
    // Its answer may have crossed the CANCEL: RFC 5407 §3.1.2.
    await scene.ends(caller, 'cancelled', 'hung up')
    for (const callee of to.incoming.slice(before)) await scene.ends(callee, 'was cancelled', 'was hung up')
    await scene.quiet()
  },

  async busy(scene, from, to) {
    await refused(scene, from, to, 486)
  },

  async rejected(scene, from, to) {
    await refused(scene, from, to, 603)
  },

  async 'nobody answers'(scene, from, to) {
    const coming = scene.next(to)
    const caller = scene.calls(from, to.user)
    const callee = await coming
    callee.rings()
    await scene.ends(caller, 'refused 480')
    await scene.ends(callee, 'was cancelled')
  },

  async 'no such number'(scene, from) {
    await scene.ends(scene.calls(from, '999'), 'refused 404')
  },

  async 'the caller holds and resumes'(scene, from, to) {
    const { caller, callee } = await scene.talk(from, to)
    await holdsAndResumes(scene, caller, callee)
    await scene.hangsUp(callee, caller)
  },

  async 'the callee holds and resumes'(scene, from, to) {
    const { caller, callee } = await scene.talk(from, to)
    await holdsAndResumes(scene, callee, caller)
    await scene.hangsUp(callee, caller)
  },

  async 'both hold at once'(scene, from, to) {
    const talk = await scene.talk(from, to)
    change(talk.caller, 'sendonly')
    change(talk.callee, 'sendonly')
    await settled(scene, talk)
    change(talk.caller, 'sendrecv')
    change(talk.callee, 'sendrecv')
    await settled(scene, talk)
    expectDirection(talk.caller, 'sendrecv')
    expectDirection(talk.callee, 'sendrecv')
    await scene.hears(talk.callee, talk.caller)
    await scene.hears(talk.caller, talk.callee)
    await scene.hangsUp(talk.caller, talk.callee)
  },

  async 'hung up during a re-INVITE'(scene, from, to) {
    const { caller, callee } = await scene.talk(from, to)
    change(caller, 'sendonly')
    await scene.pause(800)
    callee.conversation?.hangUp()
    await scene.ends(callee, 'hung up')
    // The BYE may cross the re-INVITE, which then finds no call any more: RFC 5407 §3.2.2.
    await scene.ends(caller, 'was hung up', 'its re-INVITE got 481')
  },

  async 'no offer in the INVITE'(scene, from, to) {
    const { caller, callee } = await scene.talk(from, to, { offer: false })
    await scene.hangsUp(caller, callee)
  },

  async 'no offer in a re-INVITE'(scene, from, to) {
    const talk = await scene.talk(from, to)
    talk.callee.conversation?.reinvites.send(false)
    await settled(scene, talk)
    await scene.hears(talk.callee, talk.caller)
    await scene.hears(talk.caller, talk.callee)
    await scene.hangsUp(talk.caller, talk.callee)
  },

  async 'early media'(scene, from, to) {
    const { caller, callee } = await scene.talk(from, to, { early: true })
    await scene.hangsUp(caller, callee)
  },

  async 'INFO both ways'(scene, from, to) {
    const { caller, callee } = await scene.talk(from, to)
    await informs(scene, caller, callee)
    await informs(scene, callee, caller)
    await scene.hangsUp(callee, caller)
  },
}

async function refused(scene: Scene, from: RfcPhone, to: RfcPhone, status: number): Promise<void> {
  const coming = scene.next(to)
  const caller = scene.calls(from, to.user)
  const callee = await coming
  callee.rings()
  await scene.pause(2_000)
  callee.rejects(status)
  await scene.ends(caller, `refused ${status}`)
  await scene.ends(callee, `refused with ${status}`)
}

async function holdsAndResumes(scene: Scene, holder: AnyCall, held: AnyCall): Promise<void> {
  change(holder, 'sendonly')
  await settled(scene, { caller: holder, callee: held })
  expectDirection(held, 'sendonly')
  expectDirection(holder, 'recvonly')
  await scene.pause(2_000)
  change(holder, 'sendrecv')
  await settled(scene, { caller: holder, callee: held })
  expectDirection(held, 'sendrecv')
  expectDirection(holder, 'sendrecv')
  await scene.hears(holder, held)
  await scene.hears(held, holder)
}

function change({ conversation }: AnyCall, wanted: Direction): void {
  if (!conversation) throw new Error('not in a call')
  conversation.wants = wanted
  conversation.reinvites.send()
}

// Both sides have what they wanted, and every 2xx its ACK.
async function settled(scene: Scene, talk: Talk | { caller: AnyCall; callee: AnyCall }): Promise<void> {
  const both = [talk.caller, talk.callee].flatMap(({ conversation }) => conversation ?? [])
  await scene.until('all re-INVITEs done', () => both.every((one) => one.reinvites.settled && one.free))
  const refusals = both.flatMap(({ reinvites }) => reinvites.refusals)
  if (refusals.length > 0) throw new Missed(`a re-INVITE that is accepted: it got ${refusals}`)
  if (both.some(({ ended }) => ended !== null)) throw new Missed('a call that goes on after a re-INVITE')
}

function expectDirection({ conversation }: AnyCall, direction: Direction): void {
  const told = conversation?.theirs?.direction
  if (told !== direction) throw new Missed(`${direction} as what the other side says: it says ${told}`)
}

async function informs(scene: Scene, from: AnyCall, to: AnyCall): Promise<void> {
  const words = `info ${scene.random.integer(1 << 30)}`
  const got: { status: number | null | undefined } = { status: undefined }
  from.conversation?.inform(words, (status) => {
    got.status = status
  })
  await scene.until('an answer to INFO', () => got.status !== undefined)
  if (got.status !== 200) throw new Missed(`a 200 to INFO: it got ${got.status}`)
  const came = to.conversation?.infos.filter((body) => body === words).length
  if (came !== 1) throw new Missed(`one INFO: ${came} came`)
}
