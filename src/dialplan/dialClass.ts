import { type CountryCode, getCountryCallingCode, type PhoneNumber } from 'libphonenumber-js/max'
import type { ReadNumber } from './numbering.ts'

/**
 * Country codes of no country that cost as satellites do, or are premium themselves (ITU-T E.164, list of assigned codes):
 * shared cost, Inmarsat, personal numbers, global mobile satellite, international networks (two), disaster relief, premium.
 */
const DEAR_CODES: ReadonlySet<string> = new Set(['808', '870', '878', '881', '882', '883', '888', '979'])

/** Personal numbers and pagers are rented out with a share of what the call costs, as premium numbers are. */
const DEAR_TYPES: ReadonlySet<string> = new Set(['PREMIUM_RATE', 'SHARED_COST', 'PERSONAL_NUMBER', 'PAGER'])

/** Regions that are one country's to those who charge for calls. */
const ONE_TARIFF: readonly (readonly string[])[] = [
  ['AU', 'CC', 'CX'],
  ['AX', 'FI'],
  ['IT', 'VA'],
  ['NO', 'SJ'],
]

/** What a call to the number counts as from `home`; null: from nowhere known. Where it can't be told, the dearer class. */
export function classOf(number: PhoneNumber, home: CountryCode | null): ReadNumber['class'] {
  const shared = home !== null && number.countryCallingCode === getCountryCallingCode(home)
  if (isExample(number)) return shared ? 'national' : 'international'
  const type = number.getType()
  if (type === undefined || DEAR_TYPES.has(type) || isDearCode(number)) return 'premium'
  if (isNorthAmericanPremium(number)) return 'premium'
  if (shared && type === 'TOLL_FREE') return 'national'
  return shared && isOneTariff(number.country, home) ? 'national' : 'international'
}

/** Whether its country code is dear, whatever follows. */
export function isDearCode(number: PhoneNumber): boolean {
  return DEAR_CODES.has(number.countryCallingCode)
}

/**
 * Whether it is in North America's area code 555, which is given to nobody (NANPA): examples are written with it, so it
 * reads as a number like any other, and nobody can be charged for calling it.
 */
export function isExample(number: PhoneNumber): boolean {
  return number.countryCallingCode === '1' && /^555\d{7}$/.test(number.nationalNumber)
}

/** Exchange 976 of any area code: pay-per-call, of which the numbering plan's data says nothing. */
function isNorthAmericanPremium(number: PhoneNumber): boolean {
  return number.countryCallingCode === '1' && /^[2-9]\d\d976/.test(number.nationalNumber)
}

function isOneTariff(region: string | undefined, home: string): boolean {
  if (region === undefined || region === home) return region === home
  return ONE_TARIFF.some((regions) => regions.includes(region) && regions.includes(home))
}
