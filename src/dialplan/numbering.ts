/** How what people dial is read where the server stands. */
export interface Numbering {
  /** null: it is no number of the phone network (letters, too short to be more than an extension). */
  read(raw: string): ReadNumber | null
  isEmergency(raw: string): boolean
}

export interface ReadNumber {
  readonly raw: string
  readonly e164: string | null
  /** Whether such a number is known to exist, or stands in examples; where not, `e164` is a guess. */
  readonly known: boolean
  readonly class: 'national' | 'international' | 'premium'
  /** ISO region or null */
  readonly region: string | null
}
