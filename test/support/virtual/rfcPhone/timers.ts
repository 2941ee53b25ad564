/** RFC 3261 Appendix A, in ms: written down once more, so that a wrong one in the server is not shared. */
export const T1 = 500
export const T2 = 4_000
export const T4 = 5_000
/** Timers B, F, H, J and, of RFC 6026, L and M: 64·T1. */
export const GIVE_UP = 32_000
export const TIMER_D = 32_000
