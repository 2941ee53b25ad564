import './callLog.spec.ts'
import './causes.spec.ts'
