import './basicCall.spec.ts'
import './echo.spec.ts'
import './ringing.spec.ts'
import './talking.spec.ts'
