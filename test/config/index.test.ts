import './config.spec.ts'
import './closest.spec.ts'
import './errors.spec.ts'
