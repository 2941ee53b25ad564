import type { IncomingCall } from '../rfcPhone/incomingCall.ts'
import type { OutgoingCall } from '../rfcPhone/outgoingCall.ts'
import type { RfcPhone } from '../rfcPhone/rfcPhone.ts'
import type { Scene } from './scene.ts'
import { Missed } from './stage.ts'

/** A call to a user who has two phones. */
export type ForkPlay = (scene: Scene, from: RfcPhone, desk: RfcPhone, kitchen: RfcPhone) => Promise<void>

interface Ringing {
  readonly caller: OutgoingCall
  readonly desk: IncomingCall
  readonly kitchen: IncomingCall
}

/** All that may become of a call that two phones ring for, by name. */
export const forks: Readonly<Record<string, ForkPlay>> = {
  async 'one of two phones answers'(scene, ...phones) {
    const { caller, desk, kitchen } = await ring(scene, ...phones)
    await scene.pause(3_000)
    kitchen.answers()
    await scene.joined(caller, kitchen)
    await scene.ends(desk, 'was cancelled')
    if (!desk.reason?.includes('cause=200')) throw new Missed(`that the call was answered elsewhere: ${desk.reason}`)
    await scene.hangsUp(caller, kitchen)
  },

  async 'both phones answer at once'(scene, ...phones) {
    const { caller, desk, kitchen } = await ring(scene, ...phones)
    desk.answers()
    kitchen.answers()
    await scene.until('the answer at the caller', () => caller.conversation !== null)
    await scene.until('the end of one of two', () => desk.ended !== null || kitchen.ended !== null)
    const [winner, loser] = desk.ended === null ? [desk, kitchen] : [kitchen, desk]
    await scene.ends(loser, 'was hung up')
    await scene.joined(caller, winner)
    await scene.hangsUp(winner, caller)
  },

  async 'one of two phones is busy, the other answers'(scene, ...phones) {
    const { caller, desk, kitchen } = await ring(scene, ...phones)
    desk.rejects(486)
    await scene.pause(3_000)
    kitchen.answers()
    await scene.joined(caller, kitchen)
    await scene.hangsUp(caller, kitchen)
  },

  async 'both phones are busy'(scene, ...phones) {
    const { caller, desk, kitchen } = await ring(scene, ...phones)
    desk.rejects(486)
    await scene.pause(1_000)
    kitchen.rejects(486)
    await scene.ends(caller, 'refused 486')
  },

  async 'one of two phones rejects for both'(scene, ...phones) {
    const { caller, desk, kitchen } = await ring(scene, ...phones)
    desk.rejects(603)
    await scene.ends(caller, 'refused 603')
    await scene.ends(kitchen, 'was cancelled')
  },

  async 'cancelled while two phones ring'(scene, ...phones) {
    const { caller, desk, kitchen } = await ring(scene, ...phones)
    await scene.pause(3_000)
    caller.cancel()
    await scene.ends(caller, 'cancelled')
    await scene.ends(desk, 'was cancelled')
    await scene.ends(kitchen, 'was cancelled')
  },
}

async function ring(scene: Scene, from: RfcPhone, atDesk: RfcPhone, inKitchen: RfcPhone): Promise<Ringing> {
  const coming = Promise.all([scene.next(atDesk), scene.next(inKitchen)])
  const caller = scene.calls(from, atDesk.user)
  const [desk, kitchen] = await coming
  desk.rings()
  kitchen.rings()
  return { caller, desk, kitchen }
}
