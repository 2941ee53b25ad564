import { loadOpus } from '../../src/codecs/opus/opusLibrary.ts'
import { type LoadOptions, user } from '../lib/loadProcess.ts'
import { newcomers, type Setup } from '../lib/newcomers.ts'
import { pace } from '../lib/pacer.ts'

// Run by load/relay.ts beside itself: calls without end, whose times it tells as they come. It ends with the process that has
// started it.

/** Calls that V8 compiles for, before any is told of. */
const warmUp = (rate: number): number => Math.min(60, 4 * rate)

const { server, newcomers: coming }: LoadOptions = JSON.parse(process.argv[2] ?? '{}')
if (!coming) throw new Error('nobody is to come')
process.once('disconnect', () => process.exit())
await loadOpus()
const call = await newcomers({ server, secure: coming.secure, caller: user(2), callee: user(3) })
// What cannot be told any more is not wanted any more.
const tell = (setup: Setup) => void process.send?.(setup, undefined, undefined, () => {})
await pace(coming.rate, warmUp(coming.rate), () => void call(() => {}))
process.send?.('warm')
await pace(coming.rate, Number.MAX_SAFE_INTEGER, () => void call(tell))
