import type { Millis } from '../../platform/clock.ts'

/** A tone that comes and goes. */
export interface Cadence {
  /** Heard together, Hz. */
  readonly hz: readonly number[]
  /** The frequency that modulates their amplitude, Hz. */
  readonly modulation?: number
  /** Sound, silence, sound, silence …: an even number of them, over and over. */
  readonly beats: readonly Millis[]
}

/** What a country's callers hear. */
export interface CountryTones {
  readonly ringback: Cadence
  readonly busy: Cadence
  readonly congestion: Cadence
}

/**
 * Tones by country (ISO 3166-1), as the tables of Asterisk, DAHDI and FreePBX have them, which were made from ITU-T E.180
 * Supplement 2 or, where it says more, from a network's own papers. Where a country has two sets, one of them; where the
 * level changes from beat to beat, or only the first beats are different, what is steady of it.
 */
export const COUNTRIES: ReadonlyMap<string, CountryTones> = new Map([
  ['ar', tones(tone('425', 1000, 4500), tone('425', 300, 300), tone('425', 200, 300))], // Argentina
  ['at', tones(tone('420', 1000, 5000), tone('420', 400, 400), tone('420', 200, 200))], // Austria
  ['au', tones(tone('413+438', 400, 200, 400, 2000), tone('425', 375, 375), tone('425', 375, 375))], // Australia
  ['be', tones(tone('425', 1000, 3000), tone('425', 500, 500), tone('425', 167, 167))], // Belgium
  ['bg', tones(tone('425', 1000, 4000), tone('425', 500, 500), tone('425', 250, 250))], // Bulgaria
  ['br', tones(tone('425', 1000, 4000), tone('425', 250, 250), tone('425', 250, 250, 750, 250))], // Brazil
  ['ca', tones(tone('440+480', 2000, 4000), tone('480+620', 500, 500), tone('480+620', 250, 250))], // Canada
  ['ch', tones(tone('425', 1000, 4000), tone('425', 500, 500), tone('425', 200, 200))], // Switzerland
  ['cl', tones(tone('400', 1000, 3000), tone('400', 500, 500), tone('400', 200, 200))], // Chile
  ['cn', tones(tone('450', 1000, 4000), tone('450', 350, 350), tone('450', 700, 700))], // China
  ['cz', tones(tone('425', 1000, 4000), tone('425', 330, 330), tone('425', 165, 165))], // Czechia
  ['de', tones(tone('425', 1000, 4000), tone('425', 480, 480), tone('425', 240, 240))], // Germany
  ['dk', tones(tone('425', 1000, 4000), tone('425', 500, 500), tone('425', 200, 200))], // Denmark
  ['ee', tones(tone('425', 1000, 4000), tone('425', 300, 300), tone('425', 200, 200))], // Estonia
  ['es', tones(tone('425', 1500, 3000), tone('425', 200, 200), tone('425', 200, 200, 200, 200, 200, 600))], // Spain
  ['fi', tones(tone('425', 1000, 4000), tone('425', 300, 300), tone('425', 200, 200))], // Finland
  ['fr', tones(tone('440', 1500, 3500), tone('440', 500, 500), tone('440', 250, 250))], // France
  ['gb', tones(tone('400+450', 400, 200, 400, 2000), tone('400', 375, 375), tone('400', 400, 350, 225, 525))], // United Kingdom
  ['gr', tones(tone('425', 1000, 4000), tone('425', 300, 300), tone('425', 200, 200))], // Greece
  ['hu', tones(tone('425', 1250, 3750), tone('425', 300, 300), tone('425', 300, 300))], // Hungary
  ['id', tones(tone('425', 1000, 4000), tone('425', 500, 500), tone('425', 250, 250))], // Indonesia
  ['ie', tones(tone('400+450', 400, 200, 400, 2000), tone('425', 500, 500), tone('425', 375, 375))], // Ireland
  ['il', tones(tone('414', 1000, 3000), tone('414', 500, 500), tone('414', 250, 250))], // Israel
  ['in', tones(tone('400*25', 400, 200, 400, 2000), tone('400', 750, 750), tone('400', 250, 250))], // India
  ['it', tones(tone('425', 1000, 4000), tone('425', 500, 500), tone('425', 200, 200))], // Italy
  ['jp', tones(tone('400*15', 1000, 2000), tone('400', 500, 500), tone('400', 500, 500))], // Japan
  ['lt', tones(tone('425', 1000, 4000), tone('425', 350, 350), tone('425', 200, 200))], // Lithuania
  ['mx', tones(tone('425', 1000, 4000), tone('425', 250, 250), tone('425', 250, 250))], // Mexico
  ['my', tones(tone('425', 400, 200, 400, 2000), tone('425', 500, 500), tone('425', 500, 500))], // Malaysia
  ['nl', tones(tone('425', 1000, 4000), tone('425', 500, 500), tone('425', 250, 250))], // Netherlands
  ['no', tones(tone('425', 1000, 4000), tone('425', 500, 500), tone('425', 200, 200))], // Norway
  ['nz', tones(tone('400+450', 400, 200, 400, 2000), tone('400', 500, 500), tone('400', 250, 250))], // New Zealand
  ['ph', tones(tone('425+480', 1000, 4000), tone('480+620', 500, 500), tone('480+620', 250, 250))], // Philippines
  ['pl', tones(tone('425', 1000, 4000), tone('425', 500, 500), tone('425', 500, 500))], // Poland
  ['pt', tones(tone('425', 1000, 5000), tone('425', 500, 500), tone('425', 200, 200))], // Portugal
  ['ro', tones(tone('450*25', 1850, 4150), tone('450', 167, 167), tone('450', 500, 500))], // Romania
  ['ru', tones(tone('425', 1000, 4000), tone('425', 350, 350), tone('425', 175, 175))], // Russia
  ['se', tones(tone('425', 1000, 5000), tone('425', 250, 250), tone('425', 250, 750))], // Sweden
  ['sg', tones(tone('425*24', 400, 200, 400, 2000), tone('425', 750, 750), tone('425', 250, 250))], // Singapore
  ['sk', tones(tone('425', 1000, 4000), tone('425', 330, 330), tone('425', 165, 165))], // Slovakia
  ['th', tones(tone('420', 1000, 5000), tone('400', 500, 500), tone('400', 300, 300))], // Thailand
  ['tr', tones(tone('450', 2000, 4000), tone('450', 500, 500), tone('450', 200, 200, 200, 200, 200, 200, 600, 200))], // Turkey
  ['tw', tones(tone('440+480', 1000, 2000), tone('480+620', 500, 500), tone('480+620', 250, 250))], // Taiwan
  ['us', tones(tone('440+480', 2000, 4000), tone('480+620', 500, 500), tone('480+620', 250, 250))], // United States
  ['ve', tones(tone('425', 1000, 4000), tone('425', 500, 500), tone('425', 250, 250))], // Venezuela
  ['za', tones(tone('400*33', 400, 200, 400, 2000), tone('400', 500, 500), tone('400', 250, 250))], // South Africa
])

function tones(ringback: Cadence, busy: Cadence, congestion: Cadence): CountryTones {
  return { ringback, busy, congestion }
}

/** Hz as in `400+450`, or `400*25` for 400 modulated by 25, and the beats. */
function tone(sound: string, ...beats: readonly Millis[]): Cadence {
  const [carriers = '', modulation] = sound.split('*')
  const hz = carriers.split('+').map(Number)
  return modulation === undefined ? { hz, beats } : { hz, modulation: Number(modulation), beats }
}
