/** iPhone and iPad, whose browsers all stop pages in the background; newer iPads call themselves Macs. */
export const IS_IOS =
  /iPhone|iPad|iPod/.test(navigator.userAgent) ||
  (navigator.userAgent.includes('Mac OS') && navigator.maxTouchPoints > 1)
