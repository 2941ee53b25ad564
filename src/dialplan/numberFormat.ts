import { getCountryCallingCode, isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js/max'

/**
 * An E.164 number (with its plus) as a provider wants it: `e164` `+4930…`, `plain` `4930…`, `national` `030…` where it is
 * of `country` (ISO 3166-1 alpha-2), else after that country's international prefix. As it is where it has no such form,
 * and for `raw`: what was dialled is the caller's to send.
 */
export function formatNumber(
  e164: string,
  format: 'e164' | 'plain' | 'national' | 'raw',
  country: string | null,
): string {
  switch (format) {
    case 'e164':
    case 'raw':
      return e164
    case 'plain':
      return e164.replace(/^\+/, '')
    case 'national':
      return national(e164, country?.toUpperCase() ?? '') ?? e164
    default:
      return format satisfies never
  }
}

/** Digits alone; null: the country is unknown, or it isn't fixed which prefix goes first. */
function national(e164: string, country: string): string | null {
  if (!isSupportedCountry(country)) return null
  const number = parsePhoneNumberFromString(e164, { extract: false })
  if (!number) return null
  const atHome = number.countryCallingCode === getCountryCallingCode(country)
  const written = atHome ? number.formatNational() : number.format('IDD', { fromCountry: country })
  return written ? written.replace(/\D/g, '') : null
}
