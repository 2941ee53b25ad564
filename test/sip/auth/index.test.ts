import './nonces.spec.ts'
import './penalties.spec.ts'
import './authenticator.spec.ts'
import './clientDigest.spec.ts'
