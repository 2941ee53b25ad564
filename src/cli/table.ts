/** A column: its heading and whether it may be cut where the terminal is too narrow. */
export interface Column {
  readonly heading: string
  readonly align?: 'right'
  /** Cut to no less than this many characters. */
  readonly shrinksTo?: number
}

const GAP = 2

/** Rows under headings; `width` in characters, null: whatever it takes. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[], width: number | null): string {
  const natural = columns.map((column, at) => Math.max(column.heading.length, ...rows.map((row) => length(row[at]))))
  const widths = width === null ? natural : shrink(columns, natural, width)
  const headings = columns.map((column) => column.heading)
  return [headings, ...rows].map((row) => line(columns, row, widths)).join('')
}

/** Pairs under each other: `  name  value`; pairs without a value are left out. */
export function facts(pairs: readonly (readonly [string, string | null])[]): string {
  const width = Math.max(...pairs.map(([name]) => name.length))
  return pairs.map(([name, value]) => (value === null ? '' : `  ${name.padEnd(width)}  ${value}\n`)).join('')
}

function shrink(columns: readonly Column[], natural: readonly number[], width: number): readonly number[] {
  let over = natural.reduce((sum, one) => sum + one, 0) + GAP * (columns.length - 1) - width
  return natural.map((wanted, at) => {
    const least = columns[at]?.shrinksTo ?? wanted
    const cut = Math.max(0, Math.min(over, wanted - least))
    over -= cut
    return wanted - cut
  })
}

function line(columns: readonly Column[], row: readonly string[], widths: readonly number[]): string {
  const cells = columns.map((column, at) => {
    const [text, width] = [row[at] ?? '', widths[at] ?? 0]
    const fitting = length(text) > width ? `${[...text].slice(0, width - 1).join('')}…` : text
    const fill = ' '.repeat(width - length(fitting))
    return column.align === 'right' ? fill + fitting : fitting + fill
  })
  return `${cells.join(' '.repeat(GAP)).trimEnd()}\n`
}

/** In characters as people count them, near enough. */
function length(text: string | undefined): number {
  return text === undefined ? 0 : [...text].length
}
