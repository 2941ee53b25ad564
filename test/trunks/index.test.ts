import './allowList.spec.ts'
