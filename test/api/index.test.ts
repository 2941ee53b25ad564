import './document.spec.ts'
import './fields.spec.ts'
import './localOperations.spec.ts'
import './controlServer.spec.ts'
