import './order.spec.ts'
import './locate.spec.ts'
import './locator.spec.ts'
