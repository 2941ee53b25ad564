import './iceStun.spec.ts'
import './iceConnect.spec.ts'
import './iceLife.spec.ts'
import './iceHostile.spec.ts'
