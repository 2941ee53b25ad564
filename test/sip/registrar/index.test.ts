import './registration.spec.ts'
import './registrar.spec.ts'
import './keepalive.spec.ts'
import './gruus.spec.ts'
