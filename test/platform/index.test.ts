import './address.spec.ts'
import './random.spec.ts'
