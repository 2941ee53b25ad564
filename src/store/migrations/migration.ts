/** One step of the schema. What was released never changes; a later step mends it. */
export interface Migration {
  readonly name: string
  readonly sql: string
}
