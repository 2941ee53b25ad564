import { z } from 'zod'
import type { TrunkEntry } from '../../trunks/trunk.ts'
import { checkCodecs } from '../userFields.ts'
import { list, oneOf, orNull, phoneNumber, text, thingName, whole, words, yesOrNo } from './fields.ts'
import { asNumber, FieldProblem, type Kind, once } from './kind.ts'

const host = words("write the provider's host name or address").regex(/^[A-Za-z0-9._-]+$|^[0-9A-Fa-f:.]+$/, {
  error: "write the provider's host name or address, its port by itself",
})
const server = words('write a host, as in sip2.example.com:5060').regex(
  /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?$/,
  {
    error: 'write a host, as in sip2.example.com or sip2.example.com:5060',
  },
)
const source = words('write an address, a subnet or a host name, as in 203.0.113.0/24').regex(
  /^[A-Za-z0-9.:_-]+(\/\d{1,3})?$/,
  {
    error: 'write an address, a subnet or a host name, as in 203.0.113.0/24',
  },
)

/** A way to the phone network. */
export const trunk: Kind<TrunkEntry> = {
  word: 'trunk',
  list: 'offhook trunk list',
  set: 'offhook trunk set',
  schema: once(() =>
    z.strictObject({
      name: thingName,
      preset: thingName,
      host,
      port: orNull(whole(1, 65535, 'write a port from 1 to 65535')),
      servers: list(server, 'write hosts, as in sip2.example.com:5060'),
      transport: orNull(oneOf(['udp', 'tcp', 'tls'])),
      username: orNull(words('write the user name that the provider gave you')),
      password: z.preprocess((value) => (value === '' ? null : value), text('write the password').nullable()),
      register: orNull(yesOrNo),
      allowIp: list(source, 'write addresses, subnets or host names, as in 203.0.113.0/24'),
      callerIdHeader: orNull(oneOf(['pai', 'ppi', 'rpid', 'from'])),
      callerId: orNull(phoneNumber),
      numberFormat: orNull(oneOf(['e164', 'plain', 'national', 'raw'])),
      maxCalls: orNull(whole(1, 1_000_000, 'write a number of calls from 1 up')),
      callsPerSecond: orNull(whole(1, 10_000, 'write a number of calls from 1 up')),
      codecs: orNull(list(words('write codecs, as in pcma,pcmu'), 'write codecs, as in pcma,pcmu')),
      dtmf: orNull(oneOf(['events', 'info', 'inband'])),
      ptime: orNull(whole(10, 120, 'write milliseconds from 10 to 120, as in 20')),
      sessionTimers: orNull(yesOrNo),
      emergency: yesOrNo,
      srtp: yesOrNo,
    }),
  ),
  blank: {
    preset: 'generic',
    port: null,
    servers: [],
    transport: null,
    username: null,
    password: null,
    register: null,
    allowIp: [],
    callerIdHeader: null,
    callerId: null,
    numberFormat: null,
    maxCalls: null,
    callsPerSecond: null,
    codecs: null,
    dtmf: null,
    ptime: null,
    sessionTimers: null,
    emergency: false,
    srtp: false,
  },
  key: ({ name }) => name,
  keyFields: (name) => ({ name }),
  settled: (entry, number) => ({
    ...entry,
    codecs: codecsOf(entry.codecs),
    callerId: entry.callerId === null ? null : asNumber('caller-id', entry.callerId, number),
  }),
  needs: () => [],
}

function codecsOf(names: readonly string[] | null): readonly string[] | null {
  try {
    return checkCodecs(names)
  } catch (error) {
    throw new FieldProblem('codecs', error instanceof Error ? error.message : String(error))
  }
}
