import './audio.spec.ts'
import './deadline.spec.ts'
import './virtual/clock.spec.ts'
import './virtual/network.spec.ts'
