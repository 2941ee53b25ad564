import './handshake.spec.ts'
import './impostors.spec.ts'
import './hostile.spec.ts'
