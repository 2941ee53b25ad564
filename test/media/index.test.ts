import './batch.spec.ts'
import { engineSoundContract } from '../contracts/engineSound.ts'
import { mediaEngineContract } from '../contracts/mediaEngine.ts'
import { virtualEngine } from './virtualEngine.ts'

mediaEngineContract('the local engine', () => virtualEngine())
engineSoundContract('the local engine', () => virtualEngine())

import './moderation.spec.ts'
import './localEngine.spec.ts'
import './reports.spec.ts'
import './attack.spec.ts'
import './speakers.spec.ts'
import './keypad.spec.ts'

import './ticker.spec.ts'
import './lateness.spec.ts'
import './wav.spec.ts'
import './player.spec.ts'
import './recorder.spec.ts'
import './limiter.spec.ts'
import './mixer.spec.ts'

import './callProgress.spec.ts'
import './playout.spec.ts'
import './playoutTraces.spec.ts'
import './playoutDrift.spec.ts'
import './recovery.spec.ts'
import './transcoding.spec.ts'
