import { seededRandom } from '../../support/virtual/random.ts'

/**
 * Messages that RFC 3261 §25.1 allows, with everything that it allows and few write: folding, white space wherever it may
 * stand, compact forms, several values in a field and several fields, quoted strings with escapes, IPv6 references.
 */
export class Generator {
  readonly #random: ReturnType<typeof seededRandom>
  /** Whether this message may have what is known to be read in two ways. */
  #odd = false

  constructor(seed: number) {
    this.#random = seededRandom(seed)
  }

  /** The octets of one message. */
  message(): Buffer {
    this.#odd = this.#chance(0.7)
    const request = this.#chance(0.8)
    const method = this.#pick(['INVITE', 'REGISTER', 'OPTIONS', 'BYE', 'X-new', "!odd_*+`.'~-"], ['RE%47ISTER'])
    const start = request
      ? `${method} ${this.#uri('')} ${this.#pick(['SIP/2.0', 'SIP/2.0', 'SIP/2.0'], ['sip/2.0'])}`
      : `SIP/2.0 ${this.#pick(['100', '180', '200', '486', '699'])} ${this.#pick(['', 'OK', 'Busy  here', 'Gr\xc3\xbc\xc3\x9fe'])}`
    const body = this.#pick(['', '', 'v=0\r\ns=-\r\n', 'a: b\r\n\r\nc', '\0\xff"<'])
    const fields = [
      ...this.#listed(['Via', 'v', 'VIA'], 1, 4, () => this.#via()),
      this.#field(['From', 'f'], `${this.#address()}${this.#params(['tag'])}`),
      this.#field(['To', 't', 'tO'], `${this.#address()}${this.#params([])}`),
      this.#field(['Call-ID', 'i'], this.#pick(['a84b4c76e66710@pc33.example.com', "3.<(>:\\/[]?{}~%!*_+`'@x", '1'])),
      this.#field(['CSeq'], `${this.#pick(['1', '0', '007', '2147483647'])}${this.#lws()}${method}`),
      ...this.#contacts(request && method === 'REGISTER'),
      ...this.#listed(['Route', 'ROUTE'], 0, 3, () => `<${this.#sipUri(this.#headers())}>${this.#params([])}`),
      ...(this.#chance(0.3)
        ? [this.#field(['Subject', 's'], this.#pick(['', 'a, b; c <d>'], ['lunch\r\n at noon']))]
        : []),
    ]
    const rest = this.#length(body)
    const head = [start, ...this.#rotated(fields), ...rest.fields].join('\r\n')
    const before = this.#chance(0.05) ? '\r\n\r\n' : ''
    return Buffer.from(`${before}${head}\r\n\r\n${rest.octets}`, 'latin1')
  }

  #length(body: string): { fields: string[]; octets: string } {
    if (this.#chance(0.2)) return { fields: [], octets: body }
    const noise = this.#odd && this.#chance(0.2) ? 'OPTIONS noise' : ''
    return { fields: [this.#field(['Content-Length', 'l'], String(body.length))], octets: body + noise }
  }

  #contacts(mayBeAll: boolean): string[] {
    if (mayBeAll && this.#odd && this.#chance(0.2)) return ['Contact: *']
    return this.#listed(['Contact', 'm'], 0, 3, () => `${this.#address()}${this.#params(['q'])}`)
  }

  #via(): string {
    const slash = `${this.#sws()}/${this.#sws()}`
    const protocol = `SIP${slash}2.0${slash}${this.#pick(['UDP', 'TCP', 'tls', 'X-NEW'])}`
    const colon = this.#chance(0.1) ? ' : ' : ':'
    const port = this.#chance(0.5) ? `${colon}${this.#pick(['5060', '1', '65535'])}` : ''
    const branch = `${this.#sws()};${this.#sws()}branch${this.#sws()}=${this.#sws()}z9hG4bK${this.#token()}`
    return `${protocol}${this.#lws()}${this.#host()}${port}${branch}${this.#params(['received', 'rport', 'maddr'])}`
  }

  #address(): string {
    if (this.#chance(0.15)) return this.#plainUri()
    return `${this.#displayName()}<${this.#uri(this.#headers())}>`
  }

  #displayName(): string {
    switch (this.#random.integer(4)) {
      case 0:
        return ''
      case 1:
        return `${this.#token()}${this.#lws()}${this.#chance(0.5) ? `${this.#token()}${this.#lws()}` : ''}`
      default:
        return `${this.#quoted()}${this.#sws()}`
    }
  }

  #quoted(): string {
    return `"${this.#pick(['', 'Alice', 'a "quoted" \\ name', 'x,y;z', '<sip:no@no>', 'Gr\xc3\xbc\xc3\x9fe'], ['a\r\n b']).replace(/["\\]/g, '\\$&')}"`
  }

  // Outside angle brackets: without parameters of its own, commas and question marks (§20.10).
  #plainUri(): string {
    return this.#pick([
      'sip:alice@example.com',
      'sips:h',
      'tel:+1-201-555-0123',
      'sip:a@[2001:db8::1]:5061',
      'http://h/x',
    ])
  }

  #uri(headers: string): string {
    return this.#chance(0.1)
      ? this.#pick(['tel:+12015550123;phone-context=x', 'urn:service:sos'])
      : this.#sipUri(headers)
  }

  // Of the headers that a URI may ask for a Request-URI has none (§19.1.1, table 1).
  #sipUri(headers: string): string {
    const scheme = this.#pick(['sip', 'sip', 'sips'], ['SIP'])
    const user = this.#pick(['', 'alice@', 'a%20b;x=1,2&$@', '+1.201~(5)@', "u/?'*!@"])
    const secret = user !== '' && this.#chance(0.2) ? `${user.slice(0, -1)}:p&=+$,w@` : user
    const port = this.#chance(0.3) ? ':5080' : ''
    const params = this.#some([
      ';lr',
      ';transport=TCP',
      ';Maddr=[::1]',
      ';x=%41',
      ';user=phone',
      ';a/b=[c]:$',
      ...(this.#odd ? [';n%61me=1'] : []),
    ])
    return `${scheme}:${secret}${this.#host()}${port}${params}${headers}`
  }

  #headers(): string {
    return this.#chance(0.1) ? this.#pick(['?Subject=hi', '?a=1&b=2'], ['?empty=']) : ''
  }

  #host(): string {
    const names = ['example.com', 'A.Example.NET', '192.0.2.1', 'h', 'x-1.example.com.']
    return this.#pick(names, ['[2001:db8::9:1]', '[::192.0.2.1]'])
  }

  #params(names: readonly string[]): string {
    const own = names.flatMap((name) => (this.#chance(0.6) ? [name] : []))
    const others = ['x', 'Y-y', "o'dd~", ...(this.#odd ? ['__proto__'] : [])].filter(() => this.#chance(0.12))
    return [...own, ...others].map((name) => `${this.#sws()};${this.#sws()}${name}${this.#value(name)}`).join('')
  }

  #value(name: string): string {
    const equals = `${this.#sws()}=${this.#sws()}`
    switch (name) {
      case 'q':
        return `${equals}${this.#pick(['0', '0.5', '1.000'])}`
      case 'rport':
        return this.#chance(0.5) ? '' : `${equals}4000`
      case 'received':
        // RFC 5118 §4.5: the brackets are against the grammar, but must be taken.
        return `${equals}${this.#pick(['192.0.2.9'], ['2001:db8::7', '[2001:db8::7]'])}`
      case 'tag':
      case 'maddr':
        return `${equals}${name === 'tag' ? this.#token() : this.#host()}`
      default:
        return this.#pick(['', `${equals}${this.#token()}`, `${equals}${this.#quoted()}`, `${equals}${this.#host()}`])
    }
  }

  #token(): string {
    return this.#pick(['a', 'Abc-1', "-.!%*_+`'~", '1928301774', 'z%5a', 'constructor'])
  }

  // A field of several values, over one line or more.
  #listed(names: readonly string[], least: number, most: number, value: () => string): string[] {
    const values = Array.from({ length: least + this.#random.integer(most - least + 1) }, value)
    const fields: string[] = []
    while (values.length > 0) {
      const taken = values.splice(0, 1 + this.#random.integer(values.length))
      fields.push(this.#field(names, taken.join(`${this.#sws()},${this.#sws()}`)))
    }
    return fields
  }

  // Behind `>` there may be white space (RAQUOT), else only before a value.
  #field(names: readonly string[], value: string): string {
    const end = value.endsWith('>') ? this.#pick(['', ' ', '\t']) : ''
    return `${this.#pick(names)}${this.#pick(['', '', ' ', '\t'])}:${this.#pick([' ', ' ', '', '\r\n '])}${value}${end}`
  }

  // Any of the fields may come first (§7.3.1).
  #rotated(fields: readonly string[]): string[] {
    const at = this.#random.integer(fields.length)
    return [...fields.slice(at), ...fields.slice(0, at)]
  }

  #sws(): string {
    return this.#chance(0.15) ? this.#lws() : ''
  }

  #lws(): string {
    return this.#pick([' ', ' ', ' ', '  ', '\t', '\r\n ', ' \r\n\t'])
  }

  #some(values: readonly string[]): string {
    return values.filter(() => this.#chance(0.15)).join('')
  }

  #pick<T>(usual: readonly T[], odd: readonly T[] = []): T {
    const values = this.#odd ? [...usual, ...odd] : usual
    const value = values[this.#random.integer(values.length)]
    if (value === undefined) throw new Error('nothing to pick from')
    return value
  }

  #chance(probability: number): boolean {
    return this.#random.fraction() < probability
  }
}
