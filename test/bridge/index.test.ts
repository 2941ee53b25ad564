import './causes.spec.ts'
