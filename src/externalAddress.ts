import { isIP } from './platform/address.ts'
import type { Platform } from './platform/platform.ts'
import type { Advertiser } from './sip/transport/advertise.ts'

export async function followExternalAddress(wanted: string | null, advertiser: Advertiser, platform: Platform): Promise<() => void> {
  void platform
  if (wanted !== null && isIP(wanted)) advertiser.external = wanted
  return () => {}
}
