import type { Bridge } from './bridge.ts'

/** Tells the log of packets that pretend to be of a call; the engine tells of each leg once a minute. Gives how to stop. */
export function watchForgeries({ engine, calls, log }: Bridge): () => void {
  return engine.on((event) => {
    if (event.type !== 'forged') return
    const call = calls.ofLeg(event.leg)
    const user = call?.relayed.find(({ id }) => id === event.leg)?.user
    log.warn(
      { call: call?.id, user, packets: event.packets },
      'packets came that were not sealed with the keys of the call',
    )
  })
}
