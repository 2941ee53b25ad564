import './rounds.spec.ts'
