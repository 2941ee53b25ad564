import type { Millis } from '../platform/clock.ts'
import type { Ended, RunCommand } from '../platform/command.ts'
import type { Log } from '../platform/log.ts'
import { AcmeFailure, type Challenges } from './challenges.ts'

/** A hook comes back when the record can be seen everywhere, for which slow name servers take minutes. */
const DONE_WITHIN: Millis = 10 * 60_000

/** Proofs in the DNS, RFC 8555 §8.4: `hook` is run as HOOK NAME VALUE add|remove, NAME being that of the TXT record. */
export function dns01(hook: string, run: RunCommand, log: Log): Challenges {
  return {
    type: 'dns-01',
    async ready() {},
    async show(name, _token, proof) {
      const ended = await run(hook, [recordOf(name), proof, 'add'], DONE_WITHIN)
      if (ended.status === 0) return
      const mend = `run it by hand, as in: ${hook} ${recordOf(name)} test add`
      throw new AcmeFailure(`the acme-dns-hook ${hook} ${wordsFor(ended)}`, mend)
    },
    async withdraw(name, _token, proof) {
      const ended = await run(hook, [recordOf(name), proof, 'remove'], DONE_WITHIN)
      if (ended.status === 0) return
      const facts = { record: recordOf(name), output: ended.output }
      log.warn(
        facts,
        `the acme-dns-hook ${hook} ${wordsFor(ended)}; the TXT record of ${recordOf(name)} may have stayed`,
      )
    },
    mend: (name) =>
      `see that ${hook} puts a TXT record of ${recordOf(name)} where the internet sees it, before it ends`,
    close() {},
  }
}

function recordOf(name: string): string {
  return `_acme-challenge.${name}`
}

function wordsFor({ status, problem, output }: Ended): string {
  const said = output === '' ? '' : `, saying: ${output.replaceAll('\n', ' ')}`
  if (problem !== null) return `cannot be run (${problem})`
  return status === null ? `was ended after ${DONE_WITHIN / 60_000} minutes` : `has failed with ${status}${said}`
}
