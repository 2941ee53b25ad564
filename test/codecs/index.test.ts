import './g711.spec.ts'
import './g722.spec.ts'
import './resample.spec.ts'
