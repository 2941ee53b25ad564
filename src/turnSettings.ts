import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { OffhookError } from './errors.ts'
import type { TurnOptions } from './http/turnCredentials.ts'
import { systemCode } from './platform/systemError.ts'
import { list } from './settingKinds.ts'

const urlMend = 'write the address of a TURN server, as in turn:turn.example.com:3478?transport=udp'
// RFC 7065 §3.1
const url = z
  .string({ error: urlMend })
  .regex(/^turns?:([a-z0-9.-]+|\[[0-9a-f:.]+\])(:\d{1,5})?(\?transport=(udp|tcp))?$/i, { error: urlMend })

const secretMend = 'write at least 16 characters in quotes, the same as static-auth-secret of the TURN server'
const fileMend = 'write the path of a file'

/** The TURN server that browsers are told of. */
export const turnSettings = {
  'turn-urls': list(url, 'write a list of addresses, as in [turn:turn.example.com:3478?transport=udp]').optional(),
  'turn-secret': z.string({ error: secretMend }).min(16, { error: secretMend }).nullish(),
  'turn-secret-file': z.string({ error: fileMend }).min(1, { error: fileMend }).nullish(),
}

const schema = z.object(turnSettings)

/** null: there is no TURN server. Throws CONFIG_INVALID where its secret is missing, or there twice. */
export function turnOptions(settings: z.output<typeof schema>): TurnOptions | null {
  const urls = settings['turn-urls'] ?? []
  const secret = settings['turn-secret'] ?? null
  const file = settings['turn-secret-file'] ?? null
  if (urls.length === 0) return null
  if (secret !== null && file !== null)
    throw invalid('turn-secret and turn-secret-file are both set; take one of them out')
  if (secret !== null) return { urls, secret }
  if (file !== null) return { urls, secret: readSecret(file) }
  throw invalid('turn-urls needs the secret of the TURN server; set turn-secret-file')
}

function readSecret(file: string): string {
  let text: string
  try {
    text = readFileSync(file, 'utf8').trim()
  } catch (cause) {
    throw invalid(`cannot read the turn-secret-file ${file} (${systemCode(cause)}); make it, or name another`)
  }
  if (text.length >= 16) return text
  throw invalid(
    `the turn-secret-file ${file} holds less than 16 characters; put the static-auth-secret of the TURN server there`,
  )
}

function invalid(message: string): OffhookError {
  return new OffhookError('CONFIG_INVALID', message)
}
