import './address.spec.ts'
import './coarseTimers.spec.ts'
import './nodeFiles.spec.ts'
import './random.spec.ts'
