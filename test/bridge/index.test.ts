import './callLog.spec.ts'
import './causes.spec.ts'
import './dtmfInfo.spec.ts'
import './repertoire.spec.ts'
