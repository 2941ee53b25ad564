const WEATHERS = ['amber', 'brisk', 'calm', 'dusky', 'early', 'foggy', 'gusty', 'hazy', 'icy', 'late']
const PLACES = [
  ...['alley', 'beach', 'canal', 'dune', 'estuary', 'ford', 'garden', 'harbour', 'island', 'jetty'],
  ...['kiln', 'lagoon', 'meadow', 'narrows', 'orchard', 'pier', 'quarry', 'ravine', 'station', 'tower'],
]

/** How many seeds have names. */
export const MOST_SEEDS = WEATHERS.length * PLACES.length

/** The names of the first `count` seeds. */
export function seedNames(count: number): readonly string[] {
  const names = PLACES.flatMap((place) => WEATHERS.map((weather) => `${weather}-${place}`))
  return names.slice(0, count)
}
