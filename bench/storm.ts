import { measure } from './lib/measure.ts'
import { residentMemory, watchMemory } from './lib/memory.ts'
import { storm } from './lib/stormSize.ts'
import { withOffhook } from './lib/subjects.ts'

/** When memory is looked at once the last call is over, s: before and after the last transaction has waited its 32 s. */
const AFTER = [5, 40, 70]

/** 20,000 registrations, then 10,000 calls of which 1,000 are up at once: what memory that takes, and whether it comes back. */
export async function benchStorm(rate: number): Promise<{ report: object; text: string }> {
  return withOffhook(storm.registrations, async ({ pid, sip }) => {
    const idle = residentMemory(pid)
    const stop = watchMemory(pid)
    const { cpu, load } = await measure(pid, 'storm', { server: sip.udp, rate, seconds: 180 })
    const peak = stop()
    const after: Record<string, number> = {}
    let waited = 0
    for (const seconds of AFTER) {
      await new Promise((resolve) => setTimeout(resolve, (seconds - waited) * 1000))
      waited = seconds
      after[`${seconds} s`] = Math.round(residentMemory(pid))
    }
    const memory = { idle: Math.round(idle), peak: Math.round(peak), after }
    const { started, completed, latency, lateness } = load
    const { setup } = latency
    return {
      report: {
        rate,
        ...storm,
        units: { memory: 'MB', times: 'ms', rate: 'calls a second' },
        offhook: { cpu: Math.round(cpu), started, completed, memory, latency, generatorLateness: lateness },
      },
      text: [
        `${storm.registrations} registrations and ${storm.calls} calls, ${storm.callsUp} up at once, ${rate} a second`,
        `${completed} of ${started} done; 200 OK p50 ${setup?.p50}, p99 ${setup?.p99} ms`,
        `memory: ${memory.idle} MB before, ${memory.peak} MB at most, then ${JSON.stringify(after)}`,
      ].join('\n'),
    }
  })
}
