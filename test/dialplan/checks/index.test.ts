import './network.spec.ts'
import './rules.spec.ts'
