import './literalPrefix.spec.ts'
