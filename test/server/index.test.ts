import './externalAddress.spec.ts'
import './interfaces.spec.ts'
