import './ice.spec.ts'
