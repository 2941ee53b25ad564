import './framing.spec.ts'
import './stun.spec.ts'
