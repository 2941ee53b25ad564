import type { AppCall } from '../bridge/appCall.ts'

/** *43: the caller hears itself, and so whether both directions work and how long the way is. */
export async function echo(call: AppCall): Promise<void> {
  await call.answer({ passing: true })
  call.echo()
  await call.ended
}
