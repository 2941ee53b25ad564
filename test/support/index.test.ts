import './audio.spec.ts'
import './virtual/clock.spec.ts'
import './virtual/network.spec.ts'
