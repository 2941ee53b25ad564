import { callees } from '../lib/callees.ts'
import { callers } from '../lib/callers.ts'
import { runLoad, settled, user } from '../lib/loadProcess.ts'
import { pace } from '../lib/pacer.ts'
import { percentiles } from '../lib/percentiles.ts'
import { registrations } from '../lib/registrations.ts'
import { storm } from '../lib/stormSize.ts'

// Everybody registers, then calls come at `rate` a second: each hangs up when so many have come after it.

await runLoad(async ({ server, rate }) => {
  const phones = Array.from({ length: storm.callees }, (_, n) => user(n))
  await callees(server, phones, () => 20_000)
  const { register } = await registrations(server)
  const { place } = await callers(server)
  return async () => {
    let registered = 0
    const others = storm.registrations - storm.callees
    await pace(storm.registrationRate, others, (n) => register(user(storm.callees + n), () => registered++))
    await settled(5000, () => registered === others)
    const up: (() => void)[] = []
    const setup: number[] = []
    const release: number[] = []
    const lateness = await pace(rate, storm.calls, (n) => {
      place({
        who: user(storm.callees + (n % others)),
        to: user(n % storm.callees).user,
        rtpPort: 20_000,
        answered(time, _serverPort, hangUp) {
          setup.push(time)
          up.push(hangUp)
          if (up.length > storm.callsUp) up.shift()?.()
        },
        ended: (time) => release.push(time),
      })
    })
    await settled(5000, () => setup.length === storm.calls)
    await pace(rate, up.length, () => up.shift()?.())
    await settled(5000, () => release.length === storm.calls)
    return {
      started: storm.registrations + storm.calls,
      completed: storm.callees + registered + release.length,
      latency: { setup: percentiles(setup), release: percentiles(release) },
      lateness: percentiles(lateness),
    }
  }
})
