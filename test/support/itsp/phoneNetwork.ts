import { type Baresip, type BaresipOptions, startBaresip } from '../phones/baresip.ts'
import type { Kamailio } from './kamailio.ts'

/** What a telephone of the phone network is like. */
export type Subscriber = Pick<BaresipOptions, 'tone' | 'codecs' | 'sampleRate' | 'channels' | 'srtp'> & {
  /** The server by which it calls, the first unless said otherwise. */
  readonly by?: Kamailio
}

/** The phone network behind a provider: telephones with numbers of their own, real baresips, which all its servers reach. */
export interface PhoneNetwork {
  /** Where all its telephones are. */
  readonly address: string
  /**
   * Connects a telephone; `number` is E.164 with its plus, or `anonymous` for one that can only call and shows no number. It
   * calls a number of the customer's by `calls('+49…')`.
   */
  phone(number: string, subscriber: Subscriber): Promise<Baresip>
  stop(): Promise<void>
}

/** At `address`, with the telephones' files in directories that `dir` makes. */
export function phoneNetwork(
  address: string,
  servers: readonly Kamailio[],
  dir: (name: string) => string,
  under: readonly string[] = [],
): PhoneNetwork {
  const phones: Baresip[] = []
  return {
    address,
    async phone(number, { by = servers[0], ...subscriber }) {
      const account = { user: number, password: '', server: by?.address ?? '', transport: 'udp' } as const
      const phone = await startBaresip({ dir: dir('far'), account, address, registration: false, under, ...subscriber })
      phones.push(phone)
      await phone.registers()
      for (const server of servers) await server.reaches(number, phone.sip)
      return phone
    },
    async stop() {
      for (const phone of phones.splice(0)) await phone.stop()
    },
  }
}
