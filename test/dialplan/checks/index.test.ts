import './network.spec.ts'
import './never.spec.ts'
import './rules.spec.ts'
