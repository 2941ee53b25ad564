import './vectors.spec.ts'
import './srtpSession.spec.ts'
import './oracle.spec.ts'
import './renew.spec.ts'
