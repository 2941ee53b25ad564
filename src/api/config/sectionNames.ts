/** The kinds of things in a configuration, in the order in which they stand there. */
export const sectionNames = ['users'] as const

export type SectionName = (typeof sectionNames)[number]
