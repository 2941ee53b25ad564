/** The sixteen keys of ITU-T Q.23, in the order of their event codes (RFC 4733 §3.2, table 3). */
const KEYS = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '#', 'A', 'B', 'C', 'D'] as const

/** A key of a telephone. */
export type Digit = (typeof KEYS)[number]

/** All keys; a key's place is its event code. */
export const DIGITS: readonly Digit[] = KEYS

/** The lower group, Hz: one for each row of the keypad, from its top. */
export const ROWS = [697, 770, 852, 941] as const
/** The higher group, Hz: one for each column of the keypad, from its left. */
export const COLUMNS = [1209, 1336, 1477, 1633] as const

/** The keypad, row by row. */
const KEYPAD = '123A456B789C*0#D'

/** The key that `text` names, in either case; null: none. */
export function digitOf(text: string): Digit | null {
  return DIGITS.find((digit) => digit === text.toUpperCase()) ?? null
}

/** The key of a row and a column, both 0 to 3. Throws RangeError for others. */
export function digitAt(row: number, column: number): Digit {
  const digit = digitOf(KEYPAD.charAt(4 * row + column))
  if (digit === null) throw new RangeError(`No key in row ${row}, column ${column}`)
  return digit
}

/** The two frequencies of a key, Hz: its row's and its column's. */
export function frequenciesOf(digit: Digit): readonly [number, number] {
  const at = KEYPAD.indexOf(digit)
  return [ROWS[at >> 2] ?? 0, COLUMNS[at & 3] ?? 0]
}
