import type { Random } from '../platform/random.ts'

/**
 * For typing on a phone: lower case, no 1 and 0, and no letter that is taken for another or for a digit
 * (i l o, s as 5, z as 2, q as g). 28 characters: 16 of them are 76 bits.
 */
export const passwordAlphabet = 'abcdefghjkmnprtuvwxy23456789'
export const PASSWORD_LENGTH = 16

/** Octets from here on are thrown away: taken modulo 28 they would make some letters likelier than others. */
const UNEVEN = 256 - (256 % passwordAlphabet.length)

/** A password nobody can guess, as in `mk4xw7rt2hc9nbp3`. */
export function generatePassword(random: Random): string {
  let password = ''
  while (password.length < PASSWORD_LENGTH) {
    const octets = random.bytes(PASSWORD_LENGTH - password.length).filter((octet) => octet < UNEVEN)
    for (const octet of octets) password += passwordAlphabet.charAt(octet % passwordAlphabet.length)
  }
  return password
}
