import type { Authorization, Client, Order } from 'acme-client'
import { systemCode } from '../platform/systemError.ts'
import type { TextFiles } from '../platform/textFiles.ts'
import type { AcmeOptions } from './acmeOptions.ts'
import type { Certificate } from './certificate.ts'
import { AcmeFailure, type Challenges } from './challenges.ts'

/** How long the authority may take for one answer, ms. */
const ANSWERED_WITHIN = 30_000
/** It is asked whether it is done this often, ms, from the first to the second; three minutes in all. */
const ASK = { backoffMin: 1_000, backoffMax: 15_000, backoffAttempts: 15 }

export interface AcmeIssuerOptions {
  readonly acme: AcmeOptions
  readonly files: TextFiles
  /** Where the key of our account with the authority is kept. */
  readonly accountKey: string
  readonly challenges: Challenges
}

/** Gets a new certificate from the authority, RFC 8555 §7.4. Rejects with an `AcmeFailure`. */
export async function issueByAcme({ acme, files, accountKey, challenges }: AcmeIssuerOptions): Promise<Certificate> {
  const { Client: AcmeClient, axios, crypto } = await import('acme-client')
  axios.defaults.timeout = ANSWERED_WITHIN
  const directoryUrl = acme.directory
  const makeKey = async (): Promise<string> => (await crypto.createPrivateEcdsaKey()).toString()
  await challenges.ready()
  const client = new AcmeClient({ directoryUrl, accountKey: await keptKey(files, accountKey, makeKey), ...ASK })
  await register(client, acme)
  const { order, authorizations } = await placeOrder(client, acme.names)
  // One name after the other: some hooks know one record at a time, and there are few names.
  for (const authorization of authorizations) await prove(client, authorization, challenges)
  const key = await makeKey()
  const [, csr] = await crypto.createCsr({ altNames: [...acme.names] }, key)
  return { key, chain: await collect(client, order, csr, acme.directory) }
}

async function keptKey(files: TextFiles, path: string, make: () => Promise<string>): Promise<string> {
  const kept = await files.read(path)
  if (kept !== null) return kept
  const key = await make()
  await files.write(path, key)
  return key
}

// RFC 8555 §7.3: the same key finds the account that there is.
async function register(client: Client, { email, directory }: AcmeOptions): Promise<void> {
  const contact = email === null ? {} : { contact: [`mailto:${email}`] }
  try {
    await client.getTermsOfServiceUrl()
  } catch (cause) {
    const reason = reasonOf(cause)
    const mend = /certificate/.test(reason)
      ? 'start Offhook with NODE_EXTRA_CA_CERTS naming the file of its root certificate'
      : 'check that this host reaches the internet, and acme-directory'
    throw new AcmeFailure(`the certificate authority at ${directory} cannot be reached (${reason})`, mend, { cause })
  }
  try {
    await client.createAccount({ termsOfServiceAgreed: true, ...contact })
  } catch (cause) {
    const message = `the certificate authority at ${directory} gives us no account (${reasonOf(cause)})`
    throw new AcmeFailure(message, 'check acme-email', { cause })
  }
}

async function placeOrder(
  client: Client,
  names: readonly string[],
): Promise<{ readonly order: Order; readonly authorizations: readonly Authorization[] }> {
  try {
    const order = await client.createOrder({ identifiers: names.map((value) => ({ type: 'dns', value })) })
    return { order, authorizations: await client.getAuthorizations(order) }
  } catch (cause) {
    const message = `the certificate authority takes no order for ${names.join(', ')} (${reasonOf(cause)})`
    throw new AcmeFailure(message, 'check acme-name; if too much was ordered, wait', { cause })
  }
}

async function prove(client: Client, authorization: Authorization, challenges: Challenges): Promise<void> {
  // Proven a while ago, and remembered (§7.5).
  if (authorization.status === 'valid') return
  const name = authorization.identifier.value
  const challenge = authorization.challenges.find(({ type }) => type === challenges.type)
  if (challenge === undefined) {
    const other = challenges.type === 'http-01' ? 'set acme-dns-hook' : 'take acme-dns-hook out'
    throw new AcmeFailure(`the certificate authority offers no ${challenges.type} for ${name}`, other)
  }
  const proof = await client.getChallengeKeyAuthorization(challenge)
  await challenges.show(name, challenge.token, proof)
  try {
    await client.completeChallenge(challenge)
    await client.waitForValidStatus(challenge)
  } catch (cause) {
    const message = `the certificate authority could not see that ${name} is ours (${reasonOf(cause)})`
    throw new AcmeFailure(message, challenges.mend(name), { cause })
  } finally {
    await challenges.withdraw(name, challenge.token, proof)
  }
}

async function collect(client: Client, order: Order, csr: Buffer, directory: string): Promise<string> {
  try {
    return await client.getCertificate(await client.finalizeOrder(order, csr))
  } catch (cause) {
    const message = `the certificate authority at ${directory} gives no certificate (${reasonOf(cause)})`
    throw new AcmeFailure(message, 'wait; it is asked again', { cause })
  }
}

function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return message === '' ? (systemCode(error) ?? 'no reason given') : message
}
