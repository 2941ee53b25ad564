import type { AppCall } from '../bridge/appCall.ts'

/** *43: the caller hears itself, and so whether both directions work and how long the way is. */
export async function echo(call: AppCall): Promise<void> {
  await call.answer()
  call.echo()
  await call.ended
}
