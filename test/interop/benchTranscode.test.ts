import t from 'tap'
import { runs } from './benchProgram.ts'

runs(t, ['relay', 2, ['oneWay'], ['plain'], '--codecs', 'mixed'])
runs(t, ['transcode', 2, ['unevenPcmu', 'unevenOpus'], []])
runs(t, ['transcode', 2, ['unevenPcmu', 'unevenOpus'], [], '--fec', '--apart'])
