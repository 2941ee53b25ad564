import { kindNames } from '../plan/network.ts'

/** The kinds of things in a configuration, in the order in which they stand there. */
export const sectionNames = ['users', ...kindNames] as const

export type SectionName = (typeof sectionNames)[number]
