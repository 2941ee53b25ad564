import './acmeSource.spec.ts'
import './challenges.spec.ts'
