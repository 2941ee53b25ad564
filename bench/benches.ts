import { join } from 'node:path'
import type { LoadName, Measured } from './lib/measure.ts'
import { measureFloor, measureOffhook, measureSound } from './lib/subjects.ts'

type Measure = (rate: number, seconds: number) => Promise<Measured>

/** One bench under load: how it is run, and what its CPU time is divided by. */
export interface Bench {
  readonly rate: number
  readonly seconds: number
  /** What `rate` counts. */
  readonly rateIs: string
  /** What the CPU figure is called, and how it comes out of a measurement. */
  readonly cpuIs: string
  cpu(measured: Measured, rate: number): number
  /** What is on each core; without it what is measured on the first, the load on the second. */
  readonly sharing?: readonly string[]
  /** How late the generator may be, ms; left out, as late as `Subject` allows. */
  readonly mayBeLate?: number
  readonly offhook: Measure
  readonly floor: Measure
  /** What else is measured beside it, and how its figure relates to theirs. */
  readonly others?: Readonly<Record<string, Measure>>
}

export const SHARING = ['what is measured', 'the load'] as const

const microsecondsPerUnit = ({ cpu, load }: Measured) => (cpu * 1000) / load.completed

/** The benches that are measured beside a floor. */
export type FlooredName = Exclude<LoadName, 'storm' | 'setup'>

export const benches: Readonly<Record<FlooredName, Bench>> = {
  register: {
    rate: 500,
    seconds: 5,
    rateIs: 'registrations a second',
    cpuIs: 'µs of CPU a registration',
    cpu: microsecondsPerUnit,
    offhook: (rate, seconds) => measureOffhook('register', 10_000, { rate, seconds }),
    floor: (rate, seconds) => measureFloor('register', (directory) => [join(directory, 'floor.db')], { rate, seconds }),
  },
  calls: {
    rate: 50,
    seconds: 5,
    rateIs: 'calls a second',
    cpuIs: 'µs of CPU a call',
    cpu: microsecondsPerUnit,
    offhook: (rate, seconds) => measureOffhook('calls', 200, { rate, seconds }),
    floor: (rate, seconds) => measureFloor('calls', () => [], { rate, seconds }),
  },
  relay: {
    rate: 100,
    seconds: 5,
    rateIs: 'calls up',
    cpuIs: '% of a core per 100 calls',
    cpu: ({ cpu, wall }, calls) => (cpu / wall) * 100 * (100 / calls),
    offhook: (rate, seconds) => measureOffhook('relay', 2, { rate, seconds }),
    floor: (rate, seconds) => measureFloor('relay', () => [String(rate), 'batched'], { rate, seconds }),
    others: { bareFloor: (rate, seconds) => measureFloor('relay', () => [String(rate), 'bare'], { rate, seconds }) },
  },
  transcode: transcoding({}),
  webrtc: {
    rate: 50,
    seconds: 10,
    rateIs: 'calls up',
    cpuIs: '% of a core per 100 calls',
    cpu: ({ cpu, wall }, calls) => (cpu / wall) * 100 * (100 / calls),
    mayBeLate: 10,
    offhook: (rate, seconds) => measureSound('webrtc', 2, { rate, seconds }, false),
    floor: (rate, seconds) => measureFloor('webrtc', () => [String(rate)], { rate, seconds }),
  },
}

/** As `relay`, but the callers speak PCMU and the callees PCMA; beside it the relay of one codec. */
export const mixedRelay: Bench = {
  ...benches.relay,
  offhook: (rate, seconds) => measureOffhook('relay', 2, { rate, seconds, codecs: ['pcmu', 'pcma'] }),
  others: { plain: benches.relay.offhook },
}

const APART = ['media (and all of the server but signalling); the floor', 'the load; signalling'] as const

export interface Transcoding {
  /** The callees ask for forward error correction. */
  readonly fec?: boolean
  /** So many others register a second meanwhile. */
  readonly registrations?: number
  /** Signalling is on the core of the load. */
  readonly apart?: boolean
}

/** Calls from PCMU to Opus. */
export function transcoding({ fec = false, registrations = 0, apart = false }: Transcoding): Bench {
  const codecs = ['pcmu', fec ? 'opusFec' : 'opus'] as const
  const users = registrations > 0 ? 10_002 : 2
  return {
    rate: 100,
    seconds: 10,
    rateIs: 'calls up',
    cpuIs: '% of a core a call',
    cpu: ({ cpu, wall }, calls) => ((cpu / wall) * 100) / calls,
    sharing: apart ? APART : SHARING,
    offhook: (rate, seconds) => measureSound('transcode', users, { rate, seconds, codecs, registrations }, apart),
    floor: (rate, seconds) =>
      measureFloor('transcode', () => [String(rate), ...(fec ? ['useinbandfec=1'] : [])], { rate, seconds, codecs }),
  }
}
