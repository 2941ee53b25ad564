import {
  type CountryCode,
  getCountryCallingCode,
  isSupportedCountry,
  type PhoneNumber,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/max'
import { classOf, isDearCode, isExample } from './dialClass.ts'
import { digitsOf, LONGEST_TEXT } from './digits.ts'
import { emergencyNumbers } from './emergency.ts'
import type { Numbering, ReadNumber } from './numbering.ts'

/** How many readings are kept, those that were asked for last. */
const KEPT = 1024
/** What has no more digits is an extension, unless the country's numbers are that short. */
const LONGEST_EXTENSION = 4
/** A number that is not known to exist gets its E.164 form only if it is longer than the short codes of services. */
const SHORTEST_UNKNOWN = 7

/**
 * Reads numbers as they are dialled in a country (ISO 3166-1 alpha-2): with a plus, after `00`, `011` and the country's own
 * international prefixes, in the national form with or without its trunk prefix. Where the country is null or unknown, only
 * numbers with a plus have an E.164 form. A number that is not known to exist counts as premium: new ranges and invented
 * numbers are what fraud calls.
 */
export function numbering(country: string | null): Numbering {
  const home = countryOf(country)
  const emergency = emergencyNumbers(country)
  const kept = new Map<string, ReadNumber | null>()
  return {
    read: (raw) => {
      if (raw.length > LONGEST_TEXT) return null
      const known = kept.get(raw)
      const reading = known === undefined ? read(raw, home) : known
      keep(kept, raw, reading)
      return reading
    },
    isEmergency: (raw) => emergency.has(digitsOf(raw) ?? ''),
  }
}

/** Whether numbers of the country can be read. */
export function isCountry(country: string): boolean {
  return countryOf(country) !== null
}

function countryOf(country: string | null): CountryCode | null {
  const code = country?.toUpperCase() ?? ''
  return isSupportedCountry(code) ? code : null
}

function keep(kept: Map<string, ReadNumber | null>, raw: string, reading: ReadNumber | null): void {
  // A Map keeps the order of insertion: its first key is the one that was asked for longest ago.
  kept.delete(raw)
  kept.set(raw, reading)
  if (kept.size > KEPT) for (const oldest of kept.keys()) return void kept.delete(oldest)
}

function read(raw: string, home: CountryCode | null): ReadNumber | null {
  const dialled = digitsOf(raw)
  if (dialled === null) return null
  const number = parse(dialled, home)
  if (number && (number.isValid() || isExample(number))) {
    const read = { class: dearest(dialled, number, home), region: regionOf(number, home) }
    return { raw, e164: number.number, known: !lacksPrefix(dialled, number), ...read }
  }
  if (dialled.replace('+', '').length <= LONGEST_EXTENSION) return null
  return { raw, e164: unknownE164(dialled, number), known: false, class: 'premium', region: number?.country ?? null }
}

// Where numbers begin with 0 at home, digits without it are a neighbour's number without its area code, or a habit: not for us
// to guess.
function lacksPrefix(dialled: string, number: PhoneNumber): boolean {
  return dialled === number.nationalNumber && number.formatNational().replace(/\D/g, '').startsWith('0')
}

function parse(dialled: string, home: CountryCode | null): PhoneNumber | undefined {
  if (home === null) return dialled.startsWith('+') ? parsed(dialled) : undefined
  const asAtHome = parsed(dialled, home)
  if (dialled.startsWith('+') || asAtHome?.isValid()) return asAtHome
  // People keep the prefix that they know from elsewhere, and phones store it.
  const abroad = /^(?:00|011)(?<rest>[1-9]\d*)$/.exec(dialled)?.groups?.rest
  const asElsewhere = abroad === undefined ? undefined : parsed(`+${abroad}`)
  return asElsewhere?.isValid() ? asElsewhere : asAtHome
}

function parsed(dialled: string, home?: CountryCode): PhoneNumber | undefined {
  return parsePhoneNumberFromString(dialled, { ...(home && { defaultCountry: home }), extract: false })
}

/**
 * A trunk that is sent what was dialled may take bare digits for a country code and a number, which may be dearer than what
 * they are here: a satellite where we read a village. Whoever leaves out the trunk prefix bears the dearer reading.
 */
function dearest(dialled: string, number: PhoneNumber, home: CountryCode | null): ReadNumber['class'] {
  const here = classOf(number, home)
  if (here === 'premium' || !/^[1-9]/.test(dialled)) return here
  const elsewhere = parsed(`+${dialled}`)
  if (!elsewhere) return here
  const incomplete = number.formatNational().startsWith('0')
  if (!elsewhere.isValid()) return incomplete && isDearCode(elsewhere) ? 'premium' : here
  const there = classOf(elsewhere, home)
  return there === 'premium' || incomplete ? there : here
}

function regionOf(number: PhoneNumber, home: CountryCode | null): string | null {
  if (!isExample(number)) return number.country ?? null
  return home && getCountryCallingCode(home) === '1' ? home : 'US'
}

function unknownE164(dialled: string, number: PhoneNumber | undefined): string | null {
  if (dialled.startsWith('+')) return dialled.length > SHORTEST_UNKNOWN ? dialled : null
  if (!number?.isPossible() || number.nationalNumber.length < SHORTEST_UNKNOWN) return null
  return number.number
}
