import './language.spec.ts'
import './literalPrefix.spec.ts'
