import './route.spec.ts'
