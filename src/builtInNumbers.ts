/** Numbers that everybody can dial, and the apps behind them. */
export const BUILT_IN_NUMBERS: ReadonlyMap<string, string> = new Map([
  ['*43', 'echo'],
  ['*44', 'tone'],
])
