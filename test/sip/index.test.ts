import './uasCore.spec.ts'
