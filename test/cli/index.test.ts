// Times are printed in the zone of whoever reads them.
process.env.TZ = 'UTC'

import './user.spec.ts'
import './call.spec.ts'
import './config.spec.ts'
import './network.spec.ts'
import './usage.spec.ts'
import './serve.spec.ts'
import './cookbook.spec.ts'
