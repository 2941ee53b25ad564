/** Something to be heard, read frame by frame on the ticker of its thread. */
export interface SoundSource {
  /** Fills `out` with what comes next, mono at the rate agreed with its maker; false: it is over, and `out` holds silence from where it ended. */
  read(out: Int16Array): boolean
}
