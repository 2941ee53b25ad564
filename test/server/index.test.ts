import './externalAddress.spec.ts'
