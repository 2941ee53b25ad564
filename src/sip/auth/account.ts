/** What we prove ourselves with to somebody else's server. UTF-8. */
export interface Account {
  readonly username: string
  readonly password: string
}
