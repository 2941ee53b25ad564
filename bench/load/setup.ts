import { loadOpus } from '../../src/codecs/opus/opusLibrary.ts'
import { runLoad, settled, user } from '../lib/loadProcess.ts'
import { newcomers, type Setup, upFor } from '../lib/newcomers.ts'
import { pace } from '../lib/pacer.ts'
import { percentiles } from '../lib/percentiles.ts'

// `rate` calls a second from callers of Opus to phones of PCMU, each up for a second; `secure`: the callers are browsers. Judged is
// when they have keys, and when they hear something, both from the answer on.

/** Calls before the measurement: V8 compiles what it runs often. */
const warmUp = 100
const warmUpRate = 10

await runLoad(async ({ server, rate, seconds, secure = false }) => {
  await loadOpus()
  const call = await newcomers({ ...{ server, secure }, caller: user(0), callee: user(1) })
  const run = async (total: number, rate: number) => {
    const setups: Setup[] = []
    const lateness = await pace(rate, total, () => void call((setup) => setups.push(setup)))
    await settled(upFor + 3000, () => setups.length === total)
    return { setups, lateness }
  }
  await run(Math.min(warmUp, 20 * rate), Math.max(rate, warmUpRate))
  return async () => {
    const total = Math.round(rate * seconds)
    const { setups, lateness } = await run(total, rate)
    const times = (name: keyof Setup) => percentiles(setups.flatMap((setup) => setup[name] ?? []))
    const latency = { answer: times('answer'), ...(secure && { keys: times('keys') }), media: times('media') }
    return { started: total, completed: latency.media.count, latency, lateness: percentiles(lateness) }
  }
})
