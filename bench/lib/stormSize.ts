/** What the storm is made of. */
export const storm = {
  registrations: 20_000,
  /** A second. */
  registrationRate: 1_500,
  calls: 10_000,
  callsUp: 1_000,
  /** Of those who registered, how many are called; all others call. */
  callees: 100,
} as const
