import './message.spec.ts'
import './server.spec.ts'
