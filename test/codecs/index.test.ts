import './g711.spec.ts'
