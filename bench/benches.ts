import { join } from 'node:path'
import type { LoadName, Measured } from './lib/measure.ts'
import { measureFloor, measureOffhook } from './lib/subjects.ts'

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
  readonly offhook: Measure
  readonly floor: Measure
  /** Further floors, to be shown and not divided by. */
  readonly otherFloors?: Readonly<Record<string, Measure>>
}

const microsecondsPerUnit = ({ cpu, load }: Measured) => (cpu * 1000) / load.completed

/** The benches that are measured beside a floor. */
export type FlooredName = Exclude<LoadName, 'storm'>

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
    otherFloors: {
      bareFloor: (rate, seconds) => measureFloor('relay', () => [String(rate), 'bare'], { rate, seconds }),
    },
  },
}
