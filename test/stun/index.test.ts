import './binding.spec.ts'
import './server.spec.ts'
