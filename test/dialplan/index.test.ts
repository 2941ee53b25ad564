import './decide.spec.ts'
import './route.spec.ts'
